// audit verify, audit list, receipt verify: what an outsider can check with our public key alone.
#include <sysexits.h>

#include "adapter/actor.h"
#include "adapter/audit/event_reader.h"
#include "adapter/audit/receipt.h"
#include "adapter/audit/receipt_code.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/log_place.h"
#include "adapter/commands/report.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::size_t receipt_bytes_max = 1 << 20;
constexpr std::size_t bundle_bytes_max = std::size_t{3} << 30;

// The tree heads that this log has had: by the state's memory, a receipt that somebody kept, a
// checkpoint that somebody kept. One absent at least, so that the log is read once in any case.
Result<std::vector<std::optional<audit::Checkpoint>>> seen_before(const AuditOptions& options,
                                                                  const LogPlace& place) {
    std::vector<std::optional<audit::Checkpoint>> seen;
    if (place.seen) seen.emplace_back(*place.seen);
    std::string note;
    if (!options.receipt_file.empty()) {
        TRY_ASSIGN(std::string text, read_file(options.receipt_file, receipt_bytes_max));
        TRY_ASSIGN(crypto::Key key, crypto::Key::from_ed25519_public(place.key.ed25519_public()));
        // Its leaf is in the tree of its checkpoint; that one is compared with the log's.
        TRY(audit::verify_receipt(text, {place.origin, std::move(key)}, {}));
        TRY_ASSIGN(const Json receipt, Json::parse(std::move(text)));
        note = receipt["checkpoint"].string();
    } else if (!options.since_file.empty()) {
        TRY_ASSIGN(note, read_file(options.since_file, receipt_bytes_max));
    }
    if (!note.empty()) {
        TRY_ASSIGN(audit::Checkpoint kept, audit::open_checkpoint(note, place.origin, place.key));
        seen.emplace_back(std::move(kept));
    }
    if (seen.empty()) seen.emplace_back();
    return seen;
}

Json notice_of(const audit::ReceiptFacts& facts) {
    if (facts.notice.empty()) return {};
    return Json::object(
        {{"text", facts.notice}, {"covers", Json(static_cast<std::int64_t>(facts.notice_covers))}});
}

int tell_verification(const audit::Verification& verified, bool json) {
    if (json) {
        Json out = Json::object({{"ok", Json(verified.ok())},
                                 {"size", Json(static_cast<std::int64_t>(verified.size))},
                                 {"root", verified.root_hex}});
        if (!verified.ok()) {
            out = out.with("where", verified.where).with("problem", verified.problem.view());
            if (verified.bad_entry)
                out = out.with("entry", Json(static_cast<std::int64_t>(*verified.bad_entry)));
        }
        print_result(out.print() + "\n");
    } else if (verified.ok()) {
        print_result("audit log verifies: " + std::to_string(verified.size) + " entries, root " +
                     verified.root_hex + "\n");
    } else {
        tell("audit log does NOT verify: " + verified.where + ": " + verified.problem.c_str() +
             (verified.bad_entry ? " (entry " + std::to_string(*verified.bad_entry) + ")" : ""));
    }
    return verified.ok() ? EX_OK : EX_DATAERR;
}

// DICOM's numbers in words; our own codes are words.
std::string_view word_of(std::string_view code) {
    if (code == "110120") return "application-start";
    return code == "110121" ? "application-stop" : code;
}

Json event_summary(std::uint64_t index, const Json& event) {
    std::vector<Json> subtypes;
    for (const fhir::JsonView& subtype : event["subtype"].items())
        subtypes.push_back(Json(word_of(subtype["code"].string())));
    Json out = Json::object({{"index", Json(static_cast<std::int64_t>(index))},
                             {"recorded", event["recorded"].string()},
                             {"subtype", Json::array(std::move(subtypes))},
                             {"outcome", event["outcome"].string()}});
    if (!event["outcomeDesc"].string().empty())
        out = out.with("said", event["outcomeDesc"].string());
    if (const std::string_view transfer = audit::transfer_of(event); !transfer.empty())
        out = out.with("transfer", transfer);
    const fhir::JsonView by = audit::requestor_of(event);
    const Actor who = Actor::of(by["system"].string(), by["value"].string());
    return who.is_nobody() ? out : out.with("by", who.words());
}

std::string summary_line(const Json& summary) {
    std::string line =
        std::string(summary["index"].number()) + "  " + std::string(summary["recorded"].string());
    for (const fhir::JsonView& code : summary["subtype"].items())
        if (code.string() != "disclose") line.append("  ").append(code.string());
    if (summary.has("said")) line.append(": ").append(summary["said"].string());
    if (summary.has("transfer")) line.append("  transfer ").append(summary["transfer"].string());
    return summary.has("by") ? line.append("  by ").append(summary["by"].string()) : line;
}

}  // namespace

int audit_verify(const AuditOptions& options) {
    const FoundLog log = find_log(options, "audit verify");
    if (!log.place) return log.exit_code;
    const auto seen = seen_before(options, *log.place);
    if (!seen)
        return fail("audit verify", seen.error().message(),
                    seen.error().kind() == ErrorKind::Malformed
                        ? EX_DATAERR
                        : exit_code_of(seen.error().kind()));
    Result<audit::Verification> verified = Error(ErrorKind::Corrupt, "the log was not read");
    for (const std::optional<audit::Checkpoint>& checkpoint : *seen) {
        verified =
            audit::verify_log(log.place->folder, log.place->origin, log.place->key, checkpoint);
        if (!verified) return fail("audit verify", verified.error());
        if (!verified->ok()) break;
    }
    return tell_verification(*verified, options.json);
}

int audit_list(const AuditOptions& options) {
    const FoundLog log = find_log(options, "audit list");
    if (!log.place) return log.exit_code;
    std::vector<Json> items;
    const int code =
        visit_log(*log.place, "audit list", [&](std::uint64_t index, const Json& event) {
            items.push_back(event_summary(index, event));
            if (!options.json) print_result(summary_line(items.back()) + "\n");
        });
    if (code == EX_OK && options.json) print_result(Json::array(std::move(items)).print() + "\n");
    return code;
}

int receipt_verify(const ReceiptOptions& options) {
    Result<std::string> receipt = read_file(options.receipt_file, receipt_bytes_max);
    if (!receipt) return fail("receipt verify", receipt.error());
    receipt = audit::receipt_of_text(*std::move(receipt));
    if (!receipt) return fail("receipt verify", receipt.error().message(), EX_DATAERR);
    const Result<audit::Verifier> verifier = read_verifier(options.key_file);
    if (!verifier) return fail("receipt verify", verifier.error());
    std::string bundle;
    if (!options.bundle_file.empty()) {
        Result<std::string> read = read_file(options.bundle_file, bundle_bytes_max);
        if (!read) return fail("receipt verify", read.error());
        bundle = std::move(*read);
    }
    // No bundle is another thing than an empty one: the latter is compared, and fails.
    const std::string_view given =
        options.bundle_file.empty() ? std::string_view() : std::string_view(bundle);
    const Result<audit::ReceiptFacts> facts = audit::verify_receipt(*receipt, *verifier, given);
    if (!facts) return fail("receipt verify", facts.error().message(), EX_DATAERR);
    if (options.json) {
        print_result(Json::object({{"ok", Json(true)},
                                   {"transfer", facts->transfer_id},
                                   {"destination", facts->destination_name},
                                   {"recorded", facts->recorded},
                                   {"outcome", facts->outcome},
                                   {"way", facts->way.empty() ? Json() : Json(facts->way)},
                                   {"bundle", facts->bundle_identifier},
                                   {"sha256", facts->bundle_hash},
                                   {"notice", notice_of(*facts)},
                                   {"index", Json(static_cast<std::int64_t>(facts->index))},
                                   {"size", Json(static_cast<std::int64_t>(facts->size))}})
                         .print() +
                     "\n");
    } else {
        print_result("receipt verifies: transfer " + facts->transfer_id + " to " +
                     facts->destination_name + ", " + facts->outcome + " at " + facts->recorded +
                     (facts->way.empty() ? "" : ", by " + facts->way) + "\n  document " +
                     facts->bundle_identifier + ", SHA-256 " + facts->bundle_hash +
                     (options.bundle_file.empty() ? "" : ", which the bundle has") + "\n  entry " +
                     std::to_string(facts->index) + " of " + std::to_string(facts->size) +
                     " in the audit log\n" +
                     (facts->notice.empty()
                          ? ""
                          : "  notice for " + std::to_string(facts->notice_covers) +
                                " of its entries: " + facts->notice + "\n"));
    }
    return EX_OK;
}

}  // namespace consultd::commands
