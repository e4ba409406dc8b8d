// Sandbox: a FHIR R4 server in memory that plays a source EHR, a receiver, or both, and misbehaves
// on demand. `handle` takes a request and gives an answer, without sockets. Not for real patients:
// whoever reaches /sandbox/ sees everything.
// Below [base] is FHIR: read, search, create, update, delete, transaction, batch and
// Patient/$everything; at /token SMART Backend Services and, with /authorize, /jwks and /revoke,
// the sign-in of patients, where an app is registered for it; below /sandbox/ the test's own door:
// state, received, fault, answer/{taskId}.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/web/server/server.h"
#include "fhir/base/clock.h"
#include "samples/sandbox/bulk_jobs.h"
#include "samples/sandbox/faults.h"
#include "samples/sandbox/habits.h"
#include "samples/sandbox/pages.h"
#include "samples/sandbox/search.h"
#include "samples/sandbox/sign_in.h"
#include "samples/sandbox/store.h"
#include "samples/sandbox/tokens.h"
#include "samples/sandbox/transaction.h"

namespace consultd::sandbox {

struct SandboxOptions {
    bool writable = true;     // a receiver; a source EHR takes no writes
    bool needs_token = true;  // false: open to all
    bool everything = false;  // Patient/$everything
    std::size_t page_size = 50;
    std::size_t page_size_max = 200;
    SearchRules search;
    WriteRules write;
    Habits habits;
};

class Sandbox {
public:
    Sandbox(SandboxOptions options, const Clock& clock, Random& random);

    // "https://localhost:8443": where [base] is origin + "/fhir" and the token endpoint origin +
    // "/token".
    void set_origin(const std::string& origin);
    // Called on several threads at once.
    web::ServerResponse handle(const web::ServerRequest& request);

    // Before the first request only.
    Store& store() { return store_; }
    Tokens& tokens() { return tokens_; }
    SignIn& sign_in() { return sign_in_; }
    Faults& faults() { return faults_; }
    fhir::Json state();  // counts by type

private:
    struct Received {
        std::string method, path, content_type, body;
    };
    // Where in FHIR a request goes, once its path is taken apart.
    struct Route {
        std::string type, id, operation;  // operation: "_search", "$everything"
    };

    web::ServerResponse answer(const web::ServerRequest& request);
    web::ServerResponse answer_fhir(const web::ServerRequest& request);
    web::ServerResponse answer_token(const web::ServerRequest& request);
    bool is_for_patient(const web::ServerRequest& request, const Route& route,
                        const Grant& grant) const;
    web::ServerResponse answer_export(const web::ServerRequest& request);
    bool has_token(const web::ServerRequest& request);
    std::optional<web::ServerResponse> refuse(const web::ServerRequest& request,
                                              const Route& route);
    std::optional<web::ServerResponse> fail_first(const web::ServerRequest& request,
                                                  const Route& route);
    void spoil(web::ServerResponse& response);
    // interactions.cpp
    web::ServerResponse interact(const web::ServerRequest& request, const Route& route);
    web::ServerResponse read(const web::ServerRequest& request, const Route& route);
    web::ServerResponse search_type(const web::ServerRequest& request, const Route& route);
    web::ServerResponse read_everything(const web::ServerRequest& request, const Route& route);
    web::ServerResponse read_page(const web::ServerRequest& request);
    web::ServerResponse write(const web::ServerRequest& request, const Route& route);
    web::ServerResponse store_one(const web::ServerRequest& request, const Route& route,
                                  const fhir::Json& resource);
    void drop_what_was_read();
    web::ServerResponse write_bundle(const fhir::Json& bundle);
    web::ServerResponse search_cached(const web::ServerRequest& request, const Route& route);
    const Store& index();
    WriteRules write_rules();
    web::ServerResponse print_page(const SearchResult& result, std::string id, std::size_t offset,
                                   std::size_t count, const std::string& self);
    // admin.cpp
    web::ServerResponse answer_admin(const web::ServerRequest& request);
    web::ServerResponse set_fault(const web::ServerRequest& request);
    web::ServerResponse end_proxy(std::string_view id);
    web::ServerResponse answer_task(std::string_view id, const web::ServerRequest& request);
    // capability.cpp
    fhir::Json capability_statement() const;
    fhir::Json smart_configuration() const;

    const SandboxOptions options_;
    const Clock& clock_;
    std::mutex mutex_;  // guards all below; held while a request is answered, not while it is slow
    Store store_;
    Tokens tokens_;
    Faults faults_;
    SignIn sign_in_;
    Pages pages_;
    BulkJobs bulk_jobs_;
    LaggingIndex index_, lagging_reads_;
    std::size_t reads_ = 0;  // since the last write
    SearchCache cache_;
    std::string origin_, base_;
    std::deque<Received> received_;
    std::size_t received_bytes_ = 0;
};

web::ServerResponse json_response(int status, const fhir::Json& body);
web::ServerResponse outcome_response(const Error& error);

}  // namespace consultd::sandbox
