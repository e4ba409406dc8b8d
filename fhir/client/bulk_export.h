// BulkExport: the conversation of one $export of one patient: kick-off, status, manifest, the end.
// Each call sends one request and waits for nothing: whoever comes too early is told when to come
// back. Knows no files' content. https://hl7.org/fhir/uv/bulkdata/STU3/export.html
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fhir/client/fhir_client.h"

namespace consultd::fhir {

struct BulkQuestion {
    std::string group;    // the id of a Group; empty: of all patients
    std::string patient;  // "Patient/7"
    // Of a GET the parameter `patient` is no part of the standard: a server may make light of it.
    enum class By { Post, Get } by = By::Post;
    // The same question in other words, so that what was kept of the first answer is not taken for
    // the second one's.
    enum class Turn { First, Second } turn = Turn::First;
};

struct BulkFile {
    std::string type;  // may be empty
    Url url;
    std::optional<std::int64_t> count;
};

struct BulkManifest {
    bool requires_token = true;
    std::vector<BulkFile> output;
    std::vector<BulkFile> deleted;
    std::vector<BulkFile> outcomes;  // `error` up to STU3, `outcome` since
};

// Where its status is asked for, and how long ago it was begun: an answer that was kept has the
// header Age. https://www.rfc-editor.org/rfc/rfc9111#section-5.1
struct BegunExport {
    Url status;
    std::chrono::seconds age{0};
};
// The kick-off. Forbidden: that is at another origin. Malformed: 202
// without it. Other statuses as error_of_status().
Result<BegunExport> start_export(FhirClient& client, const BulkQuestion& question,
                                 const Call& call);

// The manifest, with the pages it goes on to. RateLimited, with `retry_after_s`: come back later;
// where the detail `progress` is there, the server is at work. NotFound: the export is gone. Other
// errors: it failed, unless their kind says that asking again helps.
Result<BulkManifest> export_manifest(FhirClient& client, const Url& status, const Call& call);

// The server may forget its files, or end its work. An error: it has not heard that yet; whatever
// else it answers makes no difference to us.
// https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-delete-request
Status end_export(FhirClient& client, const Url& status, const Call& call);
bool is_heard(const HttpResponse& answer);  // to that

}  // namespace consultd::fhir
