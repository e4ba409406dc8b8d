// FhirClient: FHIR REST conversations with one server: headers, credentials kept to their origin,
// what each status means, OperationOutcomes. Retries nothing, save once after a 401 with a fresh
// token. https://hl7.org/fhir/R4/http.html
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "fhir/bundle.h"
#include "fhir/client/http.h"
#include "fhir/client/kept_answers.h"
#include "fhir/operation_outcome.h"
#include "fhir/resource.h"

namespace consultd::fhir {

// What opens a server's door: made by stages/authorize for the auth type in the config.
class Credentials {
public:
    virtual ~Credentials() = default;
    // The Authorization header's value for a request to `url`; absent when none is needed, and
    // always absent for a URL of another origin than the one the credential is for.
    virtual Result<std::optional<std::string>> authorization(const Url& url, Deadline deadline,
                                                             std::stop_token stop) = 0;
    // The server refused this value (401): the next call gets a new one, if it is still the one in
    // use. Of many that were refused at once, the first gets the new one for all.
    virtual void refused(std::string_view authorization) = 0;
    // The scopes that the server granted, a token being asked for where there is none: what an
    // answer can have in it at all. Absent: nobody says so, as of a fixed token. Errors as
    // authorization(). https://www.rfc-editor.org/rfc/rfc6749#section-5.1
    virtual Result<std::optional<std::string>> granted_scope(Deadline, std::stop_token) {
        return std::optional<std::string>();
    }
};

// Everything one exchange is bounded by.
struct Call {
    Deadline deadline;
    std::stop_token stop;
    std::size_t bytes_max = std::size_t{64} << 20;
    // Server: what was kept of its answers is not good enough.
    enum class From { KeptOrServer, Server } from = From::KeptOrServer;
    // What is there now, and not what a cache has kept:
    // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.4
    bool is_fresh = false;
};

// A complete answer: the status, its parsed body if it is FHIR JSON, and where a create was put.
struct FhirResponse {
    int status = 0;
    Json body;             // null for an empty body
    std::string location;  // as given
    std::string etag;
    std::string content_type;
    std::string security_context;  // X-Security-Context: https://hl7.org/fhir/R4/binary.html#rest
    std::string raw;        // of `fetch`: the bytes, unless they came within a Binary: then `body`
    std::size_t bytes = 0;  // of the answer's body
    std::vector<OperationOutcomeIssue> issues;
};

class FhirClient {
public:
    FhirClient(Url base, HttpTransport& transport, Credentials& credentials, Clock& clock,
               JsonLimits limits = {});
    const Url& base() const { return base_; }
    const Clock& clock() const { return clock_; }
    // The same server, by another credential, which outlives it.
    FhirClient as(Credentials& credentials) const;
    // The same, whose reads are kept; what is kept already is not asked for again.
    FhirClient keeping(KeptAnswers& kept) const;
    // Where they are kept; null: nowhere.
    KeptAnswers* kept() const { return kept_; }
    // As Credentials::granted_scope().
    Result<std::optional<std::string>> granted_scope(const Call& call) {
        return credentials_.granted_scope(call.deadline, call.stop);
    }

    // GET of a FHIR resource. `url` must have the base's origin: Forbidden otherwise, and nothing
    // is sent. Success is 200 with a FHIR JSON body that is no OperationOutcome with an error.
    // Errors: by the table in fhir_client.cpp, with the detail `status`.
    std::future<Result<FhirResponse>> start_get(const Url& url, const Call& call);
    Result<FhirResponse> get(const Url& url, const Call& call) {
        return start_get(url, call).get();
    }
    // A search by POST (https://hl7.org/fhir/R4/search.html#Introduction): what is asked for stands
    // in `form`, where no log and no proxy keeps it. `url` ends with "_search". As start_get().
    std::future<Result<FhirResponse>> start_search(const Url& url, std::string form,
                                                   const Call& call);
    // GET of bytes (Binary, attachments); `accept` is what is asked for.
    std::future<Result<FhirResponse>> start_fetch(const Url& url, std::string accept,
                                                  const Call& call);
    // The same of a URL of any origin, without a credential: for stores that the configuration
    // lists.
    std::future<Result<FhirResponse>> start_fetch_openly(const Url& url, std::string accept,
                                                         const Call& call);
    // POST or PUT. Success is 2xx. `effect` Write makes a lost answer Uncertain. `conditions`:
    // If-Match, If-None-Exist (https://hl7.org/fhir/R4/http.html#concurrency).
    Result<FhirResponse> write(std::string method, const Url& url, std::string body,
                               const Call& call,
                               HttpRequest::Effect effect = HttpRequest::Effect::Write,
                               const HttpHeaders& conditions = {});

    // One exchange as it was answered, whatever the status, for what is not FHIR's own request and
    // answer: https://hl7.org/fhir/R4/async.html. With the credential, and so at the base's origin
    // alone: Forbidden otherwise. Kept and found as the reads are.
    Result<HttpResponse> exchange(HttpRequest request, const Call& call);
    // GET of a file that may be larger than memory, as HttpTransport::stream; never kept. Token::
    // Send: at the base's origin alone. A status other than 200 is an error, as for the reads.
    enum class Token { Send, Keep };
    Status stream(const Url& url, std::string accept, Token token, const BodySink& sink,
                  const Call& call);

private:
    std::future<Result<FhirResponse>> start_read(HttpRequest request, const Call& call);
    std::future<Result<FhirResponse>> start_bytes(Credentials& credentials, HttpRequest request,
                                                  const Call& call);
    Url base_;
    HttpTransport& transport_;
    Credentials& credentials_;
    Clock& clock_;
    JsonLimits limits_;
    KeptAnswers* kept_ = nullptr;
};

}  // namespace consultd::fhir
