// The test's own door into the sandbox, /sandbox/…: what it holds, what it was sent, what goes
// wrong next, and the consultant who answers.
#include <charconv>

#include "fhir/base/crypto.h"
#include "samples/sandbox/sandbox.h"

namespace consultd::sandbox {

using fhir::Json;
using web::ServerRequest;
using web::ServerResponse;

namespace {

Json counts_of(const Store& store) {
    std::vector<std::pair<std::string, Json>> counts;
    for (const auto& [type, by_id] : store.all()) {
        std::int64_t alive = 0;
        for (const auto& [id, stored] : by_id) alive += stored.deleted() ? 0 : 1;
        counts.emplace_back(type, Json(alive));
    }
    return Json::object(std::move(counts));
}

// A consultation note: https://loinc.org/11488-4/
Json note_code() {
    return Json::object({{"coding", Json::array({Json::object({{"system", "http://loinc.org"},
                                                               {"code", "11488-4"},
                                                               {"display", "Consult note"}})})}});
}

}  // namespace

Json Sandbox::state() {
    const std::scoped_lock lock(mutex_);
    return counts_of(store_);
}

ServerResponse Sandbox::answer_admin(const ServerRequest& request) {
    const std::string_view path = std::string_view(request.path).substr(9);
    ServerResponse response;
    if (path == "state" && request.method == "GET") {
        response = json_response(200, counts_of(store_));
    } else if (path == "received" && request.method == "GET") {
        std::vector<Json> items;
        for (const Received& one : received_)
            items.push_back(Json::object({{"method", one.method},
                                          {"path", one.path},
                                          {"contentType", one.content_type},
                                          {"body", crypto::base64(one.body)}}));
        response = json_response(200, Json::array(std::move(items)));
    } else if (path == "fault" && request.method == "POST") {
        response = set_fault(request);
    } else if (path == "fault" && request.method == "DELETE") {
        faults_.clear();
        response = {204, {}, {}, false};
    } else if (path.starts_with("end-proxy/") && request.method == "POST") {
        response = end_proxy(path.substr(10));
    } else if (path.starts_with("answer/") && request.method == "POST") {
        response = answer_task(path.substr(7), request);
    } else {
        response = outcome_response(Error(ErrorKind::NotFound, "there is nothing here"));
    }
    return response;
}

ServerResponse Sandbox::set_fault(const ServerRequest& request) {
    const auto body = Json::parse(request.body);
    if (!body) return outcome_response(body.error());
    std::string_view name = (*body)["name"].string();
    Fault fault;
    fault.moment = take_moment(name);
    const std::size_t colon = std::min(name.find(':'), name.size());
    fault.name = name.substr(0, colon);
    fault.argument = name.substr(std::min(colon + 1, name.size()));
    if (body->has("argument")) fault.argument = (*body)["argument"].string();
    fault.left = static_cast<std::uint64_t>((*body)["count"].integer().value_or(1));
    if (!is_fault(fault.name))
        return outcome_response(Error(ErrorKind::Malformed, "there is no fault of that name"));
    faults_.add(std::move(fault));
    return {204, {}, {}, false};
}

ServerResponse Sandbox::end_proxy(std::string_view id) {
    const Stored* const person = store_.find_alive("RelatedPerson", id);
    if (person == nullptr)
        return outcome_response(Error(ErrorKind::NotFound, "there is no such RelatedPerson"));
    const Json ended = person->json.with("active", Json(false));
    store_.put("RelatedPerson", std::string(id), ended, clock_.now());
    sign_in_.end_grants_of("RelatedPerson/" + std::string(id), tokens_);
    return {204, {}, {}, false};
}

ServerResponse Sandbox::answer_task(std::string_view id, const ServerRequest& request) {
    const Stored* stored = store_.find_alive("Task", id);
    if (stored == nullptr)
        return outcome_response(Error(ErrorKind::NotFound, "there is no such Task"));
    std::string text =
        "I have read the record and agree with the diagnosis and the treatment plan.";
    if (!request.body.empty()) {
        const auto body = Json::parse(request.body);
        if (!body) return outcome_response(body.error());
        if (body->has("text")) text = (*body)["text"].string();
    }
    const Instant now = clock_.now();
    const Json task = stored->json;
    const std::string binary = "Binary/" + store_.new_id(),
                      note = "DocumentReference/" + store_.new_id();
    store_.put("Binary", binary.substr(7),
               Json::object({{"resourceType", "Binary"},
                             {"contentType", "text/plain; charset=utf-8"},
                             {"data", crypto::base64(text)}}),
               now);
    const Json attachment = Json::object({{"contentType", "text/plain; charset=utf-8"},
                                          {"url", binary},
                                          {"size", Json(static_cast<std::int64_t>(text.size()))},
                                          {"hash", crypto::base64(crypto::sha1(text))},
                                          {"title", "Second opinion"}});
    store_.put(
        "DocumentReference", note.substr(18),
        Json::object(
            {{"resourceType", "DocumentReference"},
             {"status", "current"},
             {"docStatus", "final"},
             {"type", note_code()},
             {"subject", task.get("for")},
             {"date", format_instant(now)},
             {"content", Json::array({Json::object({{"attachment", attachment}})})},
             {"context",
              Json::object({{"related", Json::array({Json::object(
                                            {{"reference", "Task/" + std::string(id)}})})}})}}),
        now);
    const Json output = Json::object(
        {{"type", note_code()}, {"valueReference", Json::object({{"reference", note}})}});
    store_.put("Task", id,
               task.with("status", "completed")
                   .with("lastModified", format_instant(now))
                   .with("output", task.get("output").appended(output)),
               now);
    return json_response(
        200,
        Json::object({{"task", "Task/" + std::string(id)}, {"opinion", note}, {"binary", binary}}));
}

}  // namespace consultd::sandbox
