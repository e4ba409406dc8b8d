#include "adapter/doctor/rooms.h"

#include <algorithm>

#include "adapter/stages/pull/plan.h"
#include "fhir/base/crypto.h"
#include "fhir/bundle.h"
#include "fhir/operation_outcome.h"

namespace consultd::doctor {
namespace {

using fhir::JsonView;

struct Answers {
    std::string answered, refused, empty;
    std::size_t count = 0;
};

void add_word(std::string& list, const std::string& word) {
    list.append(list.empty() ? "" : " ").append(word);
}

// The widest search of a type, for one resource: whether it is let in, not what it finds.
Result<std::size_t> ask_once(fhir::FhirClient& client, const Query& query, const Tools& tools) {
    Query one = query;
    for (auto& [name, value] : one.parameters)
        if (name == "_count") value = "1";
    TRY_ASSIGN(const fhir::FhirResponse answer, client.get(one.url(client.base()), tools.call()));
    return answer.body["entry"].items().size();
}

// `_count=2` and a look at whether more than two came: a server may give fewer, never more.
// https://hl7.org/fhir/R4/search.html#count
void look_at_paging(fhir::FhirClient& client, const std::string& patient_id, const Tools& tools,
                    Findings& findings) {
    fhir::Query query;
    query.add("patient", patient_id).add("_count", "2");
    const auto page =
        client.get(client.base().below("Observation").with_query(query.text()), tools.call());
    if (!page) return;  // told with its type
    std::size_t matches = 0;
    for (const JsonView entry : page->body["entry"].items())
        matches += entry.at("resource", "resourceType").string() == "Observation" ? 1 : 0;
    if (matches > 2) {
        findings.push_back({Mark::Note, "paging",
                            "_count is made light of: " + std::to_string(matches) + " for 2"});
        return;
    }
    if (matches == 0) {
        findings.push_back({Mark::Skip, "paging", "no Observation of this patient to ask for"});
        return;
    }
    const bool has_next = !fhir::link_of(page->body, "next").empty();
    findings.push_back(
        {Mark::Good, "paging",
         has_next ? "pages of the size asked for, with a next link" : "one page is all there is"});
}

// A record of nobody is empty, and every search of it is answered.
bool look_at_patient(fhir::FhirClient& client, const std::string& patient_id, const Tools& tools,
                     Findings& findings) {
    const auto there = client.get(client.base().below("Patient/" + patient_id), tools.call());
    const bool is_the_one = there && there->body["resourceType"].string() == "Patient" &&
                            there->body["id"].string() == patient_id;
    if (is_the_one) {
        findings.push_back({Mark::Good, "patient", "is there"});
    } else if (!there && there.error().kind() != ErrorKind::NotFound) {
        findings.push_back({Mark::Bad, "patient", words_of(there.error()),
                            "403: our scopes. Nothing is pulled of whom we cannot read."});
    } else {
        findings.push_back({Mark::Bad, "patient",
                            there ? "another resource is given than was asked for"
                                  : "the source has no Patient of this id",
                            "`--patient` is the id on that server; is it this institution's?"});
    }
    return is_the_one;
}

void look_at_types(fhir::FhirClient& client, const Plan& plan, const Tools& tools,
                   Findings& findings) {
    Answers answers;
    for (const TypePlan& type : plan.types) {
        if (type.attempts.empty() || type.attempts.front().queries.empty() ||
            tools.stop.stop_requested())
            continue;
        ++answers.count;
        const Result<std::size_t> found =
            ask_once(client, type.attempts.front().queries.front(), tools);
        if (!found) {
            const std::int64_t status = found.error().number("status").value_or(0);
            add_word(answers.refused,
                     type.type + (status == 0 ? "" : " (" + std::to_string(status) + ")"));
        } else {
            add_word(*found == 0 ? answers.empty : answers.answered, type.type);
        }
    }
    if (!answers.answered.empty())
        findings.push_back({Mark::Good, "records", "of this patient: " + answers.answered});
    if (!answers.empty.empty())
        findings.push_back(
            {Mark::Note, "records", "none of this patient, or none for us: " + answers.empty});
    if (!answers.refused.empty())
        findings.push_back(
            {Mark::Bad, "records", "refused to the widest question: " + answers.refused,
             "403: our scopes. 400: the server wants a category; a pull then asks by category."});
}

std::string missing_of(const fhir::Capability& capability) {
    std::string missing;
    for (const char* const type :
         {"Patient", "Task", "ServiceRequest", "DocumentReference", "Binary"})
        if (!capability.can(type, "create")) add_word(missing, type);
    return missing;
}

// An answer, with success, that says that it is none to the question. Empty: it does not.
StaticText fault_of_answer(JsonView answer) {
    const auto has_issues = [](JsonView resource) {
        return std::ranges::any_of(fhir::issues_of(resource), [](const auto& issue) {
            return issue.is_error() || issue.code == "not-supported" || issue.code == "value";
        });
    };
    if (has_issues(answer)) return "their search of Tasks is answered with a refusal";
    for (const JsonView entry : answer["entry"].items())
        if (has_issues(entry["resource"]))
            return "their search of Tasks says that it does not know `identifier`";
    for (const JsonView link : answer["link"].items())
        if (link["relation"].string() == "self" &&
            link["url"].string().find("identifier") == std::string_view::npos)
            return "their search of Tasks leaves `identifier` out, by its own self link";
    return "";
}

// The question that is asked before anything is sent; nothing has that name. That nothing is found
// says that it is taken, and no more.
void look_at_read_back(fhir::FhirClient& client, const Tools& tools, Findings& findings) {
    fhir::Query query;
    query.add_token("identifier", "urn:consultd:transfer", crypto::uuid_v4(tools.random));
    const auto answer =
        client.get(client.base().below("Task").with_query(query.text()), tools.call());
    if (!answer) {
        findings.push_back({Mark::Bad, "read-back", "their Tasks cannot be searched by identifier",
                            "Our scopes need Task, `rs`: without it no delivery can be proven."});
        return;
    }
    if (const StaticText fault = fault_of_answer(answer->body); !fault.view().empty()) {
        findings.push_back({Mark::Bad, "read-back", std::string(fault.view()),
                            "Task needs the search parameter `identifier`: where none is found by "
                            "it, a transfer whose answer is lost waits for a person."});
        return;
    }
    std::size_t strangers = 0;
    for (const JsonView entry : answer->body["entry"].items())
        strangers += entry.at("resource", "resourceType").string() == "Task" ? 1 : 0;
    if (strangers != 0)
        findings.push_back(
            {Mark::Note, "read-back", "a search by identifier gives other Tasks as well"});
    else
        findings.push_back({Mark::Skip, "read-back",
                            "not tried: a search of Tasks by identifier is taken, and nothing was "
                            "there to find",
                            "A transfer of a test patient shows whether they let us see our own."});
}

}  // namespace

void look_at_source(const config::Source& source, Peer& peer, const SearchPlan& table,
                    const std::string& patient_id, const Tools& tools, Findings& findings) {
    const Institution institution{source.fhir_base_url, source.auth, source.tls, peer};
    if (!look_at_door(institution, tools, findings)) return;
    const auto capability = peer.capability(tools.call());
    const auto client = peer.client();
    if (!capability || !client) return;
    const Plan plan = make_plan(table, **capability, source.pull, patient_id);
    std::string gaps;
    for (const Gap& gap : plan.gaps) add_word(gaps, gap.what);
    if (!gaps.empty())
        findings.push_back(
            {Mark::Note, "not offered", gaps, "What is kept elsewhere will be named as missing."});
    if (source.auth.type == config::Auth::Type::SmartPatient) {
        findings.push_back({Mark::Skip, "records", "are read with a patient's own sign-in alone"});
        return;
    }
    if (patient_id.empty()) {
        findings.push_back({Mark::Skip, "records", "no --patient was named"});
        return;
    }
    if (!look_at_patient(**client, patient_id, tools, findings)) return;
    look_at_types(**client, plan, tools, findings);
    look_at_paging(**client, patient_id, tools, findings);
}

void look_at_destination(const config::Destination& destination, Peer& peer, const Tools& tools,
                         Findings& findings) {
    const Institution institution{destination.fhir_base_url, destination.auth, destination.tls,
                                  peer};
    if (!look_at_door(institution, tools, findings)) return;
    const auto capability = peer.capability(tools.call());
    const auto client = peer.client();
    if (!capability || !client) return;
    const bool has_transaction = (*capability)->can_system("transaction");
    findings.push_back({has_transaction ? Mark::Good : Mark::Note, "transaction",
                        has_transaction ? "declared" : "not declared"});
    if (const std::string missing = missing_of(**capability); !missing.empty())
        findings.push_back({Mark::Note, "create", "not declared: " + missing,
                            "A declaration is a hint; if it is true, they must open these types."});
    findings.push_back(
        {Mark::Note, "patient match",
         (*capability)->has_operation("Patient", "match") ? "$match" : "by POST Patient/_search"});
    look_at_read_back(**client, tools, findings);
}

void look_at_our_keys(const config::Config& config, const std::string& keys, const Tools& tools,
                      Findings& findings) {
    if (config.listen.public_url.empty()) {
        findings.push_back({Mark::Skip, "our keys",
                            "`listen.publicUrl` is not set: register them by hand (`keys jwks`)"});
        return;
    }
    const auto url = fhir::Url::parse(config.listen.public_url + "/.well-known/jwks.json");
    const auto transport = fhir::make_http_transport({}, tools.clock);
    if (!url || !transport) return;
    fhir::HttpRequest request;
    request.url = *url;
    request.deadline = tools.call().deadline;
    const auto response = (*transport)->send(std::move(request), tools.stop);
    const auto told = response && response->status == 200
                          ? fhir::Json::parse(response->body)
                          : Result<fhir::Json>(Error(ErrorKind::NotFound, ""));
    const auto ours = fhir::Json::parse(keys);
    if (!told)
        findings.push_back({Mark::Note, "our keys",
                            "cannot be got from " + url->origin() + " from here",
                            "Is the daemon up, and the address one that the other side reaches?"});
    else if (ours && told->print() == ours->print())
        findings.push_back({Mark::Good, "our keys", "are those that " + url->origin() + " gives"});
    else
        findings.push_back({Mark::Bad, "our keys",
                            "are other ones than " + url->origin() + " gives",
                            "The daemon runs with another configuration: restart it."});
}

}  // namespace consultd::doctor
