// audit prove, audit export: what leaves the log for others to check: proofs that entries are in
// it, and the entries themselves.
#include <sysexits.h>

#include "adapter/audit/event_reader.h"
#include "adapter/audit/scan.h"
#include "adapter/audit/tree_reader.h"
#include "adapter/commands/log_place.h"
#include "adapter/commands/report.h"

namespace consultd::commands {
namespace {

using fhir::Json;

struct Found {
    std::uint64_t index;
    std::string entry;
};

// An entry with its proof: RFC 6962's inclusion in the tree of the checkpoint that is beside it.
Result<Json> proof_of(const Found& found, audit::TreeReader& tree,
                      const audit::Checkpoint& checkpoint) {
    TRY_ASSIGN(const std::vector<audit::Hash> path, tree.inclusion_proof(found.index));
    const audit::Hash leaf = audit::leaf_hash(found.entry);
    if (!audit::verify_inclusion(leaf, found.index, checkpoint.size, path, checkpoint.root))
        return Error(ErrorKind::Corrupt, "the audit log changed while it was read");
    std::vector<Json> hashes;
    for (const audit::Hash& hash : path) hashes.emplace_back(crypto::base64(hash));
    return Json::object({{"index", Json(static_cast<std::int64_t>(found.index))},
                         {"leaf", found.entry},
                         {"leafHash", crypto::hex(leaf)},
                         {"proof", Json::array(std::move(hashes))}});
}

// The entries about this transfer, and the one that is this event.
Result<Json> prove(const LogPlace& place, const std::string& id) {
    TRY_ASSIGN(const audit::DurableFolder folder, audit::DurableFolder::open(place.folder));
    std::vector<Found> found;
    TRY_ASSIGN(const audit::Scanned scanned,
               audit::scan(folder, place.origin, place.key, place.seen,
                           [&](std::uint64_t index, std::string_view entry) {
                               if (entry.find(id) == std::string_view::npos) return true;
                               const Result<Json> event = Json::parse(std::string(entry));
                               if (event && (audit::transfer_of(*event) == id ||
                                             (*event)["id"].string() == id))
                                   found.push_back({index, std::string(entry)});
                               return true;
                           }));
    if (!scanned.verification.ok())
        return Error(ErrorKind::Corrupt, "the audit log does not verify");
    if (found.empty())
        return Error(ErrorKind::NotFound, "no entry of the audit log is about this id");
    audit::TreeReader tree(folder, scanned.checkpoint.size);
    std::vector<Json> entries;
    for (const Found& one : found) {
        TRY_ASSIGN(Json proof, proof_of(one, tree, scanned.checkpoint));
        entries.push_back(std::move(proof));
    }
    return Json::object({{"checkpoint", scanned.note}, {"entries", Json::array(entries)}});
}

std::string text_of(const Json& proven) {
    std::string text;
    for (const fhir::JsonView entry : proven["entries"].items()) {
        text.append("entry ").append(entry["index"].number());
        text.append("\n  leaf ").append(entry["leafHash"].string()).append("\n");
        for (const fhir::JsonView hash : entry["proof"].items())
            text.append("  proof ").append(hash.string()).append("\n");
    }
    return text + "in the tree of this checkpoint:\n" + std::string(proven["checkpoint"].string());
}

}  // namespace

int audit_prove(const AuditOptions& options) {
    const FoundLog log = find_log(options, "audit prove");
    if (!log.place) return log.exit_code;
    const Result<Json> proven = prove(*log.place, options.id);
    if (!proven) return fail("audit prove", proven.error());
    print_result(options.json ? proven->print() + "\n" : text_of(*proven));
    return EX_OK;
}

int audit_export(const AuditOptions& options) {
    const FoundLog log = find_log(options, "audit export");
    if (!log.place) return log.exit_code;
    return visit_log(*log.place, "audit export",
                     [](std::uint64_t, const Json& event) { print_result(event.print() + "\n"); });
}

}  // namespace consultd::commands
