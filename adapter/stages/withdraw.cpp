#include "adapter/stages/withdraw.h"

#include <algorithm>
#include <array>

#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;
using Way = WithdrawnThere::Way;

constexpr std::string_view transfer_system = "urn:consultd:transfer";
constexpr std::string_view withdrawal_system = "urn:consultd:withdrawal";
constexpr std::string_view words =
    "The patient withdraws this request for a second opinion. Please do not use the records that "
    "came with it, and delete them as far as you may.";

Json identifier(std::string_view system, const std::string& value) {
    return Json::object({{"system", system}, {"value", value}});
}

// No transition leads from these to cancelled: https://hl7.org/fhir/R4/task.html#statemachine
bool is_at_its_end(std::string_view status) {
    constexpr std::array<std::string_view, 4> ends{"completed", "rejected", "failed",
                                                   "entered-in-error"};
    return std::ranges::find(ends, status) != ends.end();
}

// It said no to what was asked, and will again.
bool is_refusal(const Error& error) {
    const ErrorKind kind = error.kind();
    return kind == ErrorKind::Forbidden || kind == ErrorKind::Unsupported ||
           kind == ErrorKind::Malformed || kind == ErrorKind::NotFound ||
           kind == ErrorKind::TooLarge;
}

class Withdrawing {
public:
    Withdrawing(fhir::FhirClient& client, const std::string& task, const std::string& transfer_id,
                Instant now, const fhir::Call& call, Afterwards afterwards)
        : client_(client),
          task_(task),
          transfer_id_(transfer_id),
          now_(now),
          call_(call),
          afterwards_(afterwards) {}

    Result<WithdrawnThere> run() {
        if (task_.empty()) return ask({});
        const Result<fhir::FhirResponse> read = client_.get(client_.base().below(task_), call_);
        if (!read && read.error().kind() == ErrorKind::NotFound) return ask({});
        if (!read) return read.error();
        const Json& task = read->body;
        if (!is_ours(task))
            return Error(ErrorKind::Malformed,
                         "the destination answers with a Task that is not ours");
        const std::string_view status = task["status"].string();
        if (status == "cancelled") return WithdrawnThere{Way::WasCancelled, task_};
        if (is_at_its_end(status)) return ask(task);
        const Result<fhir::FhirResponse> changed = cancel(task, read->etag);
        if (!changed && is_refusal(changed.error())) return ask(task);
        if (!changed) return changed.error();
        // What was answered is not yet what is there.
        TRY_ASSIGN(const fhir::FhirResponse now, client_.get(client_.base().below(task_), call_));
        if (now.body["status"].string() == "cancelled")
            return WithdrawnThere{Way::TaskCancelled, task_};
        return ask(now.body);
    }

private:
    bool is_ours(JsonView task) const {
        for (const JsonView one : task["identifier"].items())
            if (one["system"].string() == transfer_system && one["value"].string() == transfer_id_)
                return "Task/" + std::string(task["id"].string()) == task_;
        return false;
    }

    Result<fhir::FhirResponse> cancel(const Json& task, const std::string& etag) {
        const bool is_kept = afterwards_ == Afterwards::Stays;
        const Json notice = is_kept ? task : task.without("focus").without("input");
        const Json cancelled = notice.with("status", "cancelled")
                                   .with("statusReason", Json::object({{"text", words}}))
                                   .with("lastModified", format_instant(now_));
        fhir::HttpHeaders conditions;
        if (!etag.empty()) conditions.add("If-Match", etag);
        return client_.write("PUT", client_.base().below(task_), cancelled.print(), call_,
                             fhir::HttpRequest::Effect::Write, conditions);
    }

    // A Communication, once: looked for first, and created on the condition that there is none.
    Result<WithdrawnThere> ask(const Json& task) {
        fhir::Query query;
        query.add_token("identifier", withdrawal_system, transfer_id_);
        const Result<fhir::FhirResponse> found =
            client_.start_search(client_.base().below("Communication/_search"), query.text(), call_)
                .get();
        if (!found && !is_refusal(found.error())) return found.error();
        if (found)
            for (const JsonView entry : found->body["entry"].items())
                if (entry.at("resource", "resourceType").string() == "Communication")
                    return WithdrawnThere{
                        Way::Asked,
                        "Communication/" + std::string(entry.at("resource", "id").string())};
        fhir::HttpHeaders conditions;
        conditions.add("If-None-Exist", query.text());
        TRY_ASSIGN(const fhir::FhirResponse made,
                   client_.write("POST", client_.base().below("Communication"),
                                 communication(task).print(), call_,
                                 fhir::HttpRequest::Effect::Write, conditions));
        const fhir::Reference where = fhir::Reference::parse(made.location);
        return WithdrawnThere{Way::Asked,
                              where.type == "Communication" ? where.key() : "Communication"};
    }

    Json communication(const Json& task) const {
        const Json about =
            task.is_object()
                ? Json::object({{"reference", task_}})
                : Json::object({{"type", "Task"},
                                {"identifier", identifier(transfer_system, transfer_id_)}});
        return Json::object(
            {{"resourceType", "Communication"},
             {"identifier", Json::array({identifier(withdrawal_system, transfer_id_)})},
             {"status", "completed"},
             {"subject", task.is_object() ? task.get("for") : Json()},
             {"about", Json::array({about})},
             {"sent", format_instant(now_)},
             {"payload", Json::array({Json::object({{"contentString", words}})})}});
    }

    fhir::FhirClient& client_;
    const std::string& task_;
    const std::string& transfer_id_;
    const Instant now_;
    const fhir::Call& call_;
    const Afterwards afterwards_;
};

}  // namespace

Result<WithdrawnThere> withdraw_there(fhir::FhirClient& client, const std::string& task,
                                      const std::string& transfer_id, Instant now,
                                      const fhir::Call& call, Afterwards afterwards) {
    return Withdrawing(client, task, transfer_id, now, call, afterwards).run();
}

}  // namespace consultd
