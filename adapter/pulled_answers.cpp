#include "adapter/pulled_answers.h"

#include <algorithm>
#include <array>

#include "adapter/errands.h"
#include "fhir/client/bulk_export.h"
#include "fhir/json.h"

namespace consultd {
namespace {

using fhir::Json;

// Answers that are the same when they are asked for again; the others pass.
constexpr std::array<int, 9> lasting = {200, 400, 404, 405, 406, 410, 415, 422, 501};

// Where an export that was begun goes on: asked for again, it would be another one.
// https://hl7.org/fhir/async.html
bool is_begun(const fhir::HttpRequest& request, const fhir::HttpResponse& answer) {
    return answer.status == 202 && request.url.path().ends_with("/$export");
}

// A line that says what it is, and the body.
std::string text_of(const fhir::HttpResponse& answer, Instant now) {
    const Json head =
        Json::object({{"status", Json(std::int64_t{answer.status})},
                      {"contentType", answer.headers.find("Content-Type").value_or("")},
                      {"goesOnAt", answer.headers.find("Content-Location").value_or("")},
                      {"securityContext", answer.headers.find("X-Security-Context").value_or("")},
                      {"at", format_instant(now)}});
    return head.print() + "\n" + answer.body;
}

}  // namespace

// A pseudonym: whoever has the file cannot tell whom was asked for.
std::string PulledAnswers::name_of(const fhir::HttpRequest& request) const {
    return sealer_.pseudonym(request.method + "\n" + request.url.text() + "\n" +
                                 std::string(request.headers.find("Accept").value_or("")) + "\n" +
                                 request.body,
                             "answer");
}

std::string PulledAnswers::context_of(const std::string& name) const {
    return "answer|" + lease_.transfer.id + "|" + name;
}

Result<std::optional<fhir::HttpResponse>> PulledAnswers::find(const fhir::HttpRequest& request) {
    using Found = std::optional<fhir::HttpResponse>;
    const std::string name = name_of(request);
    TRY_ASSIGN(const std::optional<std::string> sealed, store_.answer(lease_.transfer.id, name));
    if (!sealed) return Found();
    TRY_ASSIGN(std::string text, sealer_.open(*sealed, context_of(name)));
    const std::size_t line = std::min(text.find('\n'), text.size());
    TRY_ASSIGN(const Json head, Json::parse(text.substr(0, line)));
    const auto at = parse_instant(head["at"].string());
    fhir::HttpResponse answer;
    answer.status = static_cast<int>(head["status"].integer().value_or(0));
    const bool is_old = !at || clock_.now() - *at > use_for;
    if (!at || (is_old && !is_begun(request, answer))) return Found();
    const auto add = [&](const char* header, std::string_view value) {
        if (!value.empty()) answer.headers.add(header, std::string(value));
    };
    add("Content-Type", head["contentType"].string());
    add("Content-Location", head["goesOnAt"].string());
    add("X-Security-Context", head["securityContext"].string());
    // How old it is: https://www.rfc-editor.org/rfc/rfc9111#section-5.1
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - *at);
    answer.headers.add("Age", std::to_string(std::max<std::int64_t>(age.count(), 0)));
    text.erase(0, line + 1);
    answer.body = std::move(text);
    return Found(std::move(answer));
}

// Kept before the answer is: two that are told to be ended are better than none.
Status PulledAnswers::keep_begun(const fhir::HttpRequest& request,
                                 const fhir::HttpResponse& answer) {
    const auto status = request.url.resolve(answer.headers.find("Content-Location").value_or(""));
    if (!status) return {};
    return store_.keep_errand(
        errand_of(sealer_, lease_.transfer.id, {.status = *status, .begun = clock_.now()}));
}

Status PulledAnswers::keep(const fhir::HttpRequest& request, const fhir::HttpResponse& answer) {
    if (request.method == "DELETE")
        return fhir::is_heard(answer)
                   ? store_.drop_errand(lease_.transfer.id, errand_name(sealer_, request.url))
                   : Status();
    if (is_begun(request, answer)) {
        TRY(keep_begun(request, answer));
    } else if (std::ranges::find(lasting, answer.status) == lasting.end()) {
        return {};
    }
    const std::string name = name_of(request);
    TRY_ASSIGN(const std::optional<std::string> before, store_.answer(lease_.transfer.id, name));
    // If we die before this: it is asked for again. After it: never.
    TRY(store_.keep_answer(lease_, name,
                           sealer_.seal(text_of(answer, clock_.now()), context_of(name))));
    if (!before) ++kept_new_;
    return {};
}

}  // namespace consultd
