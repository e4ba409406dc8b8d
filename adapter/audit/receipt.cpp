#include "adapter/audit/receipt.h"

#include "adapter/audit/event_reader.h"

namespace consultd::audit {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t receipt_bytes_max = 256 * 1024;
constexpr std::size_t proof_length_max = 64;  // a tree of 2^64 leaves

Error malformed(StaticText text) { return Error(ErrorKind::Malformed, text); }
Error corrupt(StaticText text) { return Error(ErrorKind::Corrupt, text); }

struct Receipt {
    std::string transfer, leaf, checkpoint;
    std::uint64_t index = 0;
    std::vector<Hash> proof;
};

Result<Receipt> parse_receipt(std::string_view text) {
    fhir::JsonLimits limits;
    limits.bytes_max = receipt_bytes_max;
    TRY_ASSIGN(const Json json, Json::parse(std::string(text), limits));
    // Nothing unsigned may ride along: what is shown to a person is in the leaf.
    if (json.size() != 7 || json["type"].string() != "consultd-receipt")
        return malformed("not a receipt");
    if (json["version"].integer() != 1)
        return Error(ErrorKind::Unsupported, "the receipt is of a version that we do not know");
    const std::string_view leaf = json["leaf"].string();
    const auto index = json["index"].integer();
    if (leaf.empty() || !index || *index < 0 || !json["proof"].is_array() ||
        json["proof"].size() > proof_length_max || !json["checkpoint"].is_string() ||
        !json["transfer"].is_string())
        return malformed("the receipt lacks a part");
    Receipt receipt{std::string(json["transfer"].string()),
                    std::string(leaf),
                    std::string(json["checkpoint"].string()),
                    static_cast<std::uint64_t>(*index),
                    {}};
    for (const JsonView item : json["proof"].items()) {
        const auto hash = crypto::from_base64(item.string());
        if (!hash || hash->size() != 32) return malformed("the receipt's proof holds no hash");
        receipt.proof.push_back(*hash);
    }
    return receipt;
}

Result<ReceiptFacts> facts_of(JsonView event) {
    if (event["resourceType"].string() != "AuditEvent" ||
        !has_own_subtype(event, "disclosure-outcome"))
        return corrupt("the receipt's leaf is not the outcome of a disclosure");
    const Disclosure disclosure = disclosure_in(event);
    ReceiptFacts facts;
    facts.transfer_id = disclosure.transfer_id;
    facts.destination_name = disclosure.destination_name;
    facts.recorded = event["recorded"].string();
    facts.bundle_identifier = disclosure.bundle_identifier;
    facts.bundle_hash = disclosure.bundle_hash;
    facts.outcome = event["outcomeDesc"].string();
    facts.notice = disclosure.part2_notice;
    facts.notice_covers = disclosure.under_part2;
    for (auto& [what, value] : evidence_in(event))
        if (what == "way") facts.way = std::move(value);
    return facts;
}

}  // namespace

Result<Json> make_receipt(const AuditLog& log, std::uint64_t outcome_index,
                          const std::string& transfer_id) {
    TRY_ASSIGN(const Included found, log.included(outcome_index));
    std::vector<Json> proof;
    for (const Hash& hash : found.proof) proof.emplace_back(crypto::base64(hash));
    return Json::object({{"type", "consultd-receipt"},
                         {"version", Json(std::int64_t{1})},
                         {"transfer", transfer_id},
                         {"leaf", found.entry},
                         {"index", Json(static_cast<std::int64_t>(outcome_index))},
                         {"proof", Json::array(std::move(proof))},
                         {"checkpoint", found.checkpoint}});
}

Result<ReceiptFacts> verify_receipt(std::string_view receipt_text, const Verifier& verifier,
                                    std::string_view bundle) {
    TRY_ASSIGN(const Receipt receipt, parse_receipt(receipt_text));
    TRY_ASSIGN(const Checkpoint checkpoint,
               open_checkpoint(receipt.checkpoint, verifier.origin, verifier.key));
    if (!verify_inclusion(leaf_hash(receipt.leaf), receipt.index, checkpoint.size, receipt.proof,
                          checkpoint.root))
        return corrupt("the receipt's leaf is not in the signed log");
    const auto event = Json::parse(receipt.leaf);
    if (!event) return corrupt("the receipt's leaf is no AuditEvent");
    TRY_ASSIGN(ReceiptFacts facts, facts_of(*event));
    if (facts.transfer_id.empty() || facts.transfer_id != receipt.transfer)
        return corrupt("the receipt's leaf is of another transfer");
    if (bundle.data() != nullptr && crypto::hex(crypto::sha256(bundle)) != facts.bundle_hash)
        return corrupt("the bundle is not the one that was sent");
    facts.index = receipt.index;
    facts.size = checkpoint.size;
    return facts;
}

}  // namespace consultd::audit
