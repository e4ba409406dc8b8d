// Transaction: the write interactions of a FHIR server over a Store, as values: create, conditional
// create, update, transaction (atomic) and batch (https://hl7.org/fhir/R4/http.html#transaction).
// Answers look as HAPI FHIR's do. Errors carry `status`, the HTTP status, where their kind does not
// say it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "samples/sandbox/references.h"
#include "samples/sandbox/store.h"

namespace consultd::sandbox {

struct WriteRules {
    bool update_create = false;         // a client may choose ids by PUT
    bool referential_integrity = true;  // a local reference must lead somewhere
    bool conditions = true;             // false: a condition is made light of
    bool binary_conditions = true;      // false: one on a Binary is refused
    const Store* index = nullptr;       // what conditions see; null: the store itself
};

struct Written {
    std::string key;  // "Type/id"
    std::uint64_t version = 0;
    bool created = false;
};

// `condition`: a query; empty: always creates. With exactly one match nothing is stored.
// Malformed with status 412: several match.
Result<Written> create(Store& store, const fhir::Json& resource, std::string_view condition,
                       const WriteRules& rules, Instant now);
// Conflict with status 412: `if_match` (a version) is not the one held. Malformed: the id differs,
// or (status 405) does not exist and clients may not choose ids.
Result<Written> update(Store& store, std::string_view type, std::string_view id,
                       const fhir::Json& resource, std::string_view if_match,
                       const WriteRules& rules, Instant now);

// All or nothing: on an error the store is as it was. The answer is a transaction-response.
Result<fhir::Json> apply_transaction(Store& store, const fhir::Json& bundle,
                                     const WriteRules& rules, Instant now);
// Each entry for itself. The answer is a batch-response.
Result<fhir::Json> apply_batch(Store& store, const fhir::Json& bundle, const WriteRules& rules,
                               Instant now);

// A transaction taken entry by entry, as some servers do: what is good is stored, what is not is
// refused, and the answer is a transaction-response with both.
Result<fhir::Json> apply_each(Store& store, const fhir::Json& bundle, const WriteRules& rules,
                              Instant now);

// What "Type?query" leads to. NotFound: nothing. Malformed with status 412: several.
Result<std::string> resolve_condition(const Store& store, std::string_view condition);
// W/"3", "3" and 3 → 3.
std::string version_of_etag(std::string_view etag);
int status_of(const Error& error);
fhir::Json outcome_of(const Error& error);

}  // namespace consultd::sandbox
