#include "samples/sandbox/sign_in_pages.h"

#include <algorithm>
#include <set>

#include "fhir/narrative.h"

namespace consultd::sandbox {

using web::ServerRequest;
using web::ServerResponse;

namespace {

ServerResponse page(int status, const std::string& title, const std::string& body) {
    return {status,
            {{"Content-Type", "text/html; charset=utf-8"},
             {"Cache-Control", "no-store"},
             {"Content-Security-Policy",
              "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}},
            "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
            "content=\"width=device-width\"><title>" +
                title +
                "</title><style>body{font:1.1rem/1.5 "
                "sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;background:#fffbe8}"
                "label{display:block;padding:.4rem 0}button{font:inherit;padding:.5rem 1rem;"
                "margin:1rem 1rem 0 0}</style>\n<h1>" +
                title + "</h1>\n<p><b>Sandbox hospital.</b> Nobody here is real.</p>\n" + body +
                "</html>\n",
            false};
}

ServerResponse sorry(int status, const std::string& why) {
    return page(status, "This sign-in cannot go on", "<p>" + fhir::escape_xml(why) + ".</p>");
}

ServerResponse to(const std::string& address) {
    return {303, {{"Location", address}, {"Cache-Control", "no-store"}}, {}, false};
}

std::string name_of(fhir::JsonView patient) {
    for (const fhir::JsonView name : patient["name"].items()) {
        std::string text;
        for (const fhir::JsonView given : name["given"].items())
            text += std::string(given.string()) + " ";
        return text + std::string(name["family"].string());
    }
    return "No name";
}

constexpr std::string_view related = "RelatedPerson/";

// For whom somebody may act; empty: for nobody, or not any more.
std::string patient_of(const Store& store, std::string_view id) {
    const Stored* const person = store.find_alive("RelatedPerson", id);
    if (person == nullptr || person->json.get("active").print() == "false") return {};
    const std::string_view reference = person->json["patient"]["reference"].string();
    return std::string(reference.substr(std::min(reference.rfind('/') + 1, reference.size())));
}

std::string option(const std::string& value, const std::string& name) {
    return "<label><input type=\"radio\" name=\"patient\" required value=\"" +
           fhir::escape_xml(value) + "\"> " + fhir::escape_xml(name) + " (" +
           fhir::escape_xml(value) + ")</label>\n";
}

ServerResponse ask_who(const Store& store, const std::string& request) {
    std::string people;
    for (const auto& [id, patient] : store.of_type("Patient")) {
        if (patient.deleted()) continue;
        people += option(id, name_of(patient.json));
    }
    for (const auto& [id, person] : store.of_type("RelatedPerson")) {
        const std::string patient = patient_of(store, id);
        const Stored* const found = store.find_alive("Patient", patient);
        if (found != nullptr)
            people += option(std::string(related) + id,
                             name_of(person.json) + ", for " + name_of(found->json));
    }
    return page(200, "Sign in",
                "<form method=\"post\" action=\"/authorize/sign-in\"><input type=\"hidden\" "
                "name=\"request\" value=\"" +
                    request + "\">\n" + people + "<button>Sign in</button></form>\n");
}

// A wide scope is shown as what it is of, so that a part of it can be refused.
std::vector<std::string> choices(const Asked& asked, const Store& store) {
    std::vector<std::string> choices;
    for (const std::string& scope : asked.scopes) {
        if (!scope.starts_with("patient/*.")) {
            choices.push_back(scope);
            continue;
        }
        for (const auto& [type, resources] : store.all())
            choices.push_back("patient/" + type + scope.substr(9));
    }
    return choices;
}

ServerResponse ask_what(const Asked& asked, const Store& store, const std::string& request) {
    std::string boxes;
    for (const std::string& scope : choices(asked, store))
        boxes += "<label><input type=\"checkbox\" name=\"scope\" checked value=\"" +
                 fhir::escape_xml(scope) + "\"> " + fhir::escape_xml(scope) + "</label>\n";
    return page(200, "What may " + fhir::escape_xml(asked.client_id) + " read?",
                "<form method=\"post\" action=\"/authorize/decide\"><input type=\"hidden\" "
                "name=\"request\" value=\"" +
                    request + "\">\n" + boxes +
                    "<button name=\"allow\" value=\"yes\">Allow</button><button name=\"allow\" "
                    "value=\"no\">Do not allow</button></form>\n");
}

// All of what a wide scope is of, allowed: the wide scope itself.
std::vector<std::string> allowed_of(const Asked& asked, const Store& store,
                                    const std::set<std::string>& ticked) {
    const std::vector<std::string> all = choices(asked, store);
    const bool whole =
        std::ranges::all_of(all, [&](const std::string& scope) { return ticked.contains(scope); });
    if (whole) return asked.scopes;
    std::vector<std::string> allowed;
    for (const std::string& scope : all)
        if (ticked.contains(scope)) allowed.push_back(scope);
    return allowed;
}

}  // namespace

ServerResponse answer_sign_in(SignIn& sign_in, const Store& store, const ServerRequest& request) {
    const bool is_start = request.path == "/authorize";
    const auto fields =
        parse_query(is_start && request.method == "GET" ? request.query : request.body);
    if (!fields) return sorry(400, "the request cannot be read");
    if (is_start) {
        const auto begun = sign_in.begin(*fields);
        if (!begun) return sorry(400, std::string(begun.error().text().view()));
        if (const auto error = sign_in.error_due(*begun)) return to(*error);
        return ask_who(store, *begun);
    }
    std::string name, patient, allow;
    std::set<std::string> ticked;
    for (const auto& [field, value] : *fields) {
        if (field == "request") name = value;
        if (field == "patient") patient = value;
        if (field == "allow") allow = value;
        if (field == "scope") ticked.insert(value);
    }
    const Asked* const asked = sign_in.find(name);
    if (request.method != "POST" || asked == nullptr) return sorry(400, "the sign-in is over");
    if (request.path == "/authorize/sign-in") {
        const bool is_proxy = patient.starts_with(related);
        const std::string user = is_proxy ? patient : "Patient/" + patient;
        if (is_proxy) patient = patient_of(store, patient.substr(related.size()));
        if (store.find_alive("Patient", patient) == nullptr)
            return sorry(403, "nobody by that name");
        if (const Status done = sign_in.sign_in(name, patient, user); !done)
            return sorry(400, "the sign-in is over");
        return ask_what(*asked, store, name);
    }
    const auto allowed =
        allow == "yes" ? allowed_of(*asked, store, ticked) : std::vector<std::string>();
    const auto next = sign_in.decide(name, allowed);
    return next ? to(*next) : sorry(400, std::string(next.error().text().view()));
}

}  // namespace consultd::sandbox
