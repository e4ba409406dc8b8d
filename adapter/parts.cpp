#include "adapter/parts.h"

#include <array>

namespace consultd {
namespace {

using enum Retention;

// One row a part, in the order of the enum. The name stands in the store and is sealed with the
// bytes: another name opens no part that is there.
struct Row {
    Part part;
    std::string_view name;
    Retention retention;
};

constexpr std::array<Row, 26> table{{
    {Part::Request, "request", Record},
    {Part::Consent, "consent", Record},
    {Part::Bundle, "bundle", Record},
    {Part::Packet, "packet", Record},
    {Part::Ledger, "ledger", Record},
    {Part::Completeness, "completeness", Record},
    {Part::Manifest, "manifest", Record},
    {Part::Gaps, "gaps", Record},
    {Part::Transaction, "transaction", Record},
    {Part::Account, "account", Proof},
    {Part::Refusals, "refusals", Proof},
    {Part::Receipt, "receipt", Proof},
    {Part::Opinion, "opinion", Read},
    {Part::OpinionRead, "opinion-read", Read},
    {Part::Chart, "chart", Record},
    {Part::Withdrawal, "withdrawal", Proof},
    {Part::Delivery, "delivery", Proof},
    {Part::SentBefore, "sent-before", Proof},
    {Part::Deletions, "deletions", Proof},
    {Part::Access, "access", Record},
    {Part::Choice, "choice", Proof},
    {Part::Approval, "approval", Proof},
    {Part::FirstOpinion, "first-opinion", Record},
    {Part::Offer, "offer", Record},
    {Part::ConsentToRead, "consent-to-read", Record},
    {Part::Chosen, "chosen", Record},
}};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].part) != i) return false;
    return true;
}
static_assert(is_in_order());

const Row& row_of(Part part) { return table[static_cast<std::size_t>(part)]; }

}  // namespace

std::string_view name_of(Part part) { return row_of(part).name; }
Retention retention_of(Part part) { return row_of(part).retention; }

std::vector<Part> parts_kept_as(Retention retention) {
    std::vector<Part> parts;
    for (const Row& row : table)
        if (row.retention == retention) parts.push_back(row.part);
    return parts;
}

}  // namespace consultd
