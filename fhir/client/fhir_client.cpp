#include "fhir/client/fhir_client.h"

#include <algorithm>
#include <iterator>

#include "fhir/client/http_status.h"

namespace consultd::fhir {
namespace {

// Also what live servers still answer with: https://hl7.org/fhir/R4/http.html#mime-type, DSTU2's
// application/json+fhir (Oracle Health), and plain JSON.
bool is_fhir_json(std::string_view type) {
    return type == "application/fhir+json" || type == "application/json+fhir" ||
           type == "application/json" || type == "text/json";
}

// https://hl7.org/fhir/R4/valueset-issue-type.html
struct IssueRow {
    const char* code;
    ErrorKind kind;
};
constexpr IssueRow issue_rows[] = {
    {"login", ErrorKind::Unauthorized},        {"unknown", ErrorKind::Unauthorized},
    {"expired", ErrorKind::Unauthorized},      {"security", ErrorKind::Forbidden},
    {"forbidden", ErrorKind::Forbidden},       {"suppressed", ErrorKind::Forbidden},
    {"not-found", ErrorKind::NotFound},        {"deleted", ErrorKind::NotFound},
    {"not-supported", ErrorKind::Unsupported}, {"too-costly", ErrorKind::Unsupported},
    {"too-long", ErrorKind::TooLarge},         {"conflict", ErrorKind::Conflict},
    {"duplicate", ErrorKind::Conflict},        {"multiple-matches", ErrorKind::Conflict},
    {"throttled", ErrorKind::RateLimited},     {"transient", ErrorKind::Unavailable},
    {"lock-error", ErrorKind::Unavailable},    {"no-store", ErrorKind::Unavailable},
    {"exception", ErrorKind::Unavailable},     {"timeout", ErrorKind::Unavailable},
    {"incomplete", ErrorKind::Unavailable},    {"invalid", ErrorKind::Malformed},
    {"structure", ErrorKind::Malformed},       {"required", ErrorKind::Malformed},
    {"value", ErrorKind::Malformed},           {"invariant", ErrorKind::Malformed},
    {"processing", ErrorKind::Malformed},      {"code-invalid", ErrorKind::Malformed},
    {"extension", ErrorKind::Malformed},       {"business-rule", ErrorKind::Malformed},
    {"informational", ErrorKind::Malformed},
};

const IssueRow* row_of(const std::vector<OperationOutcomeIssue>& issues) {
    for (const OperationOutcomeIssue& issue : issues) {
        if (!issue.is_error()) continue;
        for (const IssueRow& row : issue_rows)
            if (issue.code == row.code) return &row;
    }
    return nullptr;
}

bool has_error(const std::vector<OperationOutcomeIssue>& issues) {
    return std::any_of(issues.begin(), issues.end(),
                       [](const OperationOutcomeIssue& issue) { return issue.is_error(); });
}

// What is read of one exchange, whatever it asked for.
struct Reading {
    enum class Form { Resource, Bytes };
    enum class Success { Only200, Any2xx };
    Form form = Form::Resource;
    Success success = Success::Only200;
    HttpRequest::Effect effect = HttpRequest::Effect::Read;
    JsonLimits limits;
};

// A write that was answered with 2xx and something that is no answer may have been applied.
Error unreadable(const Reading& reading, Error error) {
    if (reading.effect == HttpRequest::Effect::Read) return error;
    return Error(ErrorKind::Uncertain, error.text());
}

Error refusal(const HttpResponse& answer, const Reading& reading, const Clock& clock) {
    Error error = error_of_status(answer, reading.effect, clock);
    if (!is_fhir_json(media_type(answer))) return error;
    const auto outcome = Json::parse(answer.body, reading.limits);
    if (!outcome) return error;
    const IssueRow* row = row_of(issues_of(*outcome));
    if (row == nullptr) return error;
    return std::move(error).with("issue", StaticText::from_table(row->code));
}

// https://hl7.org/fhir/R4/http.html: 200 with an OperationOutcome that has an error is a failure.
Error outcome_error(const FhirResponse& response, const Reading& reading) {
    const IssueRow* row = row_of(response.issues);
    const ErrorKind kind = row != nullptr ? row->kind : ErrorKind::Malformed;
    Error error = unreadable(reading, Error(kind, "server answers with an OperationOutcome"))
                      .with("status", response.status);
    if (row == nullptr) return error;
    return std::move(error).with("issue", StaticText::from_table(row->code));
}

Result<FhirResponse> read_answer(HttpResponse answer, const Reading& reading, const Clock& clock) {
    const int last = reading.success == Reading::Success::Any2xx ? 299 : 200;
    const bool success = answer.status >= 200 && answer.status <= last;
    if (!success) return refusal(answer, reading, clock);
    FhirResponse response;
    response.status = answer.status;
    response.location = answer.headers.find("Location").value_or("");
    response.etag = answer.headers.find("ETag").value_or("");
    response.content_type = answer.headers.find("Content-Type").value_or("");
    response.security_context = answer.headers.find("X-Security-Context").value_or("");
    response.bytes = answer.body.size();
    const std::string type = media_type(answer);
    if (reading.form == Reading::Form::Bytes &&
        !(type == "application/fhir+json" || type == "application/json+fhir")) {
        response.raw = std::move(answer.body);
        return response;
    }
    if (answer.body.empty()) return response;
    if (type == "text/html" || type == "application/xhtml+xml")
        return unreadable(reading, Error(ErrorKind::Malformed, "a web page in place of FHIR"))
            .with("status", answer.status)
            .with("gap", StaticText("web-page"));
    if (!is_fhir_json(type))
        return unreadable(reading, Error(ErrorKind::Malformed, "answer is not FHIR JSON"))
            .with("status", answer.status);
    std::string raw;
    if (reading.form == Reading::Form::Bytes) raw = answer.body;
    // A byte order mark is none of the text: https://www.rfc-editor.org/rfc/rfc8259#section-8.1
    if (answer.body.starts_with("\xEF\xBB\xBF")) answer.body.erase(0, 3);
    auto body = Json::parse(std::move(answer.body), reading.limits);
    if (!body) return unreadable(reading, body.error());
    response.body = std::move(*body);
    // A document that is FHIR JSON itself, and came as it is.
    if (response.body["resourceType"].string() != "Binary") response.raw = std::move(raw);
    response.issues = issues_of(response.body);
    if (has_error(response.issues)) return outcome_error(response, reading);
    return response;
}

// An empty 200 is no resource.
Result<FhirResponse> require_body(Result<FhirResponse> response) {
    if (response.ok() && (!response->body.is_object()))
        return Error(ErrorKind::Malformed, "answer holds no resource")
            .with("status", response->status);
    return response;
}

std::future<Result<FhirResponse>> ready(Error error) {
    std::promise<Result<FhirResponse>> promise;
    promise.set_value(std::move(error));
    return promise.get_future();
}

// One request with the credential that opens the door: sent, and once more after a 401. Where
// answers are kept, one that is there already is not sent at all.
class Conversation {
public:
    Conversation(HttpTransport& transport, Credentials& credentials, HttpRequest request,
                 const Call& call, KeptAnswers* kept = nullptr)
        : transport_(transport),
          credentials_(credentials),
          request_(std::move(request)),
          stop_(call.stop),
          kept_(kept),
          from_(call.from) {}

    Status start() {
        if (kept_ != nullptr && from_ == Call::From::KeptOrServer) {
            TRY_ASSIGN(known_, kept_->find(request_));
            if (known_) return {};
        }
        TRY_ASSIGN(credential_, credential());
        answer_ = transport_.start(with(credential_), stop_);
        return {};
    }

    Result<HttpResponse> finish() {
        if (known_) return std::move(*known_);
        Result<HttpResponse> answer = ask();
        if (answer && kept_ != nullptr) TRY(kept_->keep(request_, *answer));
        return answer;
    }

private:
    Result<HttpResponse> ask() {
        auto answer = answer_.get();
        if (!answer || answer->status != 401) return answer;
        // Another request may have been told so already, and there is a new one.
        TRY_ASSIGN(auto fresh, credential());
        if (fresh == credential_ && credential_) {
            credentials_.refused(*credential_);
            TRY_ASSIGN(fresh, credential());
        }
        if (fresh == credential_) return answer;
        return transport_.send(with(fresh), stop_);
    }
    Result<std::optional<std::string>> credential() {
        return credentials_.authorization(request_.url, request_.deadline, stop_);
    }
    HttpRequest with(const std::optional<std::string>& credential) const {
        HttpRequest request = request_;
        if (credential) request.headers.add("Authorization", *credential);
        return request;
    }

    HttpTransport& transport_;
    Credentials& credentials_;
    HttpRequest request_;
    std::stop_token stop_;
    std::optional<std::string> credential_;
    std::future<Result<HttpResponse>> answer_;
    KeptAnswers* kept_;
    Call::From from_;
    std::optional<HttpResponse> known_;
};

class NoCredentials final : public Credentials {
public:
    Result<std::optional<std::string>> authorization(const Url&, Deadline,
                                                     std::stop_token) override {
        return std::optional<std::string>();
    }
    void refused(std::string_view) override {}
};

const Error other_origin(ErrorKind::Forbidden, "URL is of another origin than the server");

HttpRequest request_to(const Url& url, std::string accept, const Call& call) {
    HttpRequest request;
    request.url = url;
    request.headers.add("Accept", std::move(accept));
    if (call.is_fresh) request.headers.add("Cache-Control", "no-cache");
    request.deadline = call.deadline;
    request.response_bytes_max = call.bytes_max;
    return request;
}

JsonLimits within(JsonLimits limits, const Call& call) {
    limits.bytes_max = call.bytes_max;
    return limits;
}

}  // namespace

FhirClient::FhirClient(Url base, HttpTransport& transport, Credentials& credentials, Clock& clock,
                       JsonLimits limits)
    : base_(std::move(base)),
      transport_(transport),
      credentials_(credentials),
      clock_(clock),
      limits_(limits) {}

FhirClient FhirClient::as(Credentials& credentials) const {
    FhirClient other(base_, transport_, credentials, clock_, limits_);
    other.kept_ = kept_;
    return other;
}

FhirClient FhirClient::keeping(KeptAnswers& kept) const {
    FhirClient client = *this;
    client.kept_ = &kept;
    return client;
}

std::future<Result<FhirResponse>> FhirClient::start_get(const Url& url, const Call& call) {
    return start_read(request_to(url, "application/fhir+json", call), call);
}

std::future<Result<FhirResponse>> FhirClient::start_search(const Url& url, std::string form,
                                                           const Call& call) {
    HttpRequest request = request_to(url, "application/fhir+json", call);
    request.method = "POST";
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.body = std::move(form);
    return start_read(std::move(request), call);
}

std::future<Result<FhirResponse>> FhirClient::start_read(HttpRequest request, const Call& call) {
    if (!request.url.same_origin(base_)) return ready(other_origin);
    auto conversation =
        std::make_shared<Conversation>(transport_, credentials_, std::move(request), call, kept_);
    if (const Status started = conversation->start(); !started) return ready(started.error());
    const Reading reading{Reading::Form::Resource, Reading::Success::Only200,
                          HttpRequest::Effect::Read, within(limits_, call)};
    // The exchange goes on by itself; its answer is read by whoever asks for it.
    return std::async(std::launch::deferred,
                      [conversation, reading, this]() -> Result<FhirResponse> {
                          TRY_ASSIGN(auto answer, conversation->finish());
                          return require_body(read_answer(std::move(answer), reading, clock_));
                      });
}

std::future<Result<FhirResponse>> FhirClient::start_fetch(const Url& url, std::string accept,
                                                          const Call& call) {
    if (!url.same_origin(base_)) return ready(other_origin);
    return start_bytes(credentials_, request_to(url, std::move(accept), call), call);
}

std::future<Result<FhirResponse>> FhirClient::start_fetch_openly(const Url& url, std::string accept,
                                                                 const Call& call) {
    static NoCredentials none;
    return start_bytes(none, request_to(url, std::move(accept), call), call);
}

std::future<Result<FhirResponse>> FhirClient::start_bytes(Credentials& credentials,
                                                          HttpRequest request, const Call& call) {
    auto conversation =
        std::make_shared<Conversation>(transport_, credentials, std::move(request), call, kept_);
    if (const Status started = conversation->start(); !started) return ready(started.error());
    const Reading reading{Reading::Form::Bytes, Reading::Success::Only200,
                          HttpRequest::Effect::Read, within(limits_, call)};
    return std::async(std::launch::deferred,
                      [conversation, reading, this]() -> Result<FhirResponse> {
                          TRY_ASSIGN(auto answer, conversation->finish());
                          return read_answer(std::move(answer), reading, clock_);
                      });
}

Result<HttpResponse> FhirClient::exchange(HttpRequest request, const Call& call) {
    if (!request.url.same_origin(base_)) return other_origin;
    Conversation conversation(transport_, credentials_, std::move(request), call, kept_);
    TRY(conversation.start());
    return conversation.finish();
}

Status FhirClient::stream(const Url& url, std::string accept, Token token, const BodySink& sink,
                          const Call& call) {
    if (token == Token::Send && !url.same_origin(base_)) return other_origin;
    const HttpRequest request = request_to(url, std::move(accept), call);
    const auto credential = [&]() -> Result<std::optional<std::string>> {
        if (token == Token::Keep) return std::optional<std::string>();
        return credentials_.authorization(url, call.deadline, call.stop);
    };
    const auto ask = [&](const std::optional<std::string>& opener) {
        HttpRequest asked = request;
        if (opener) asked.headers.add("Authorization", *opener);
        return transport_.stream(std::move(asked), call.stop, sink);
    };
    TRY_ASSIGN(const auto opener, credential());
    TRY_ASSIGN(HttpResponse answer, ask(opener));
    if (answer.status == 401 && opener) {
        credentials_.refused(*opener);
        TRY_ASSIGN(const auto fresh, credential());
        TRY_ASSIGN(answer, ask(fresh));
    }
    if (answer.status == 200) return {};
    return error_of_status(answer, HttpRequest::Effect::Read, clock_);
}

Result<FhirResponse> FhirClient::write(std::string method, const Url& url, std::string body,
                                       const Call& call, HttpRequest::Effect effect,
                                       const HttpHeaders& conditions) {
    if (!url.same_origin(base_)) return other_origin;
    HttpRequest request = request_to(url, "application/fhir+json", call);
    request.method = std::move(method);
    request.headers.add("Content-Type", "application/fhir+json; charset=utf-8");
    for (const auto& [name, value] : conditions.all()) request.headers.add(name, value);
    request.body = std::move(body);
    request.effect = effect;
    Conversation conversation(transport_, credentials_, std::move(request), call);
    TRY(conversation.start());
    TRY_ASSIGN(auto answer, conversation.finish());
    const Reading reading{Reading::Form::Resource, Reading::Success::Any2xx, effect,
                          within(limits_, call)};
    return read_answer(std::move(answer), reading, clock_);
}

}  // namespace consultd::fhir
