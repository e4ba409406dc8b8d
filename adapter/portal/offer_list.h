// The single things that a patient may choose, as they stand on the page: what of a group is left
// out, and what goes although it may be private or could not be read.
#pragma once

#include <map>
#include <span>

#include "adapter/offer.h"
#include "adapter/portal/choice.h"
#include "adapter/portal/page.h"

namespace consultd::portal {

// By group, in the order of groups(): the newest first.
struct OfferByGroup {
    explicit OfferByGroup(const Offers& offer);
    std::vector<std::vector<const Offered*>> open;
    std::vector<const Offered*> possible, unread;
};

// "12 items, 2019 to 2026", of what is there.
std::string how_much(const Reader& reader, std::uint64_t count,
                     std::span<const Offered* const> items);
// Boxes by which single ones of a group are left out.
void write_left_out(HtmlWriter& out, const Reader& reader, Word group,
                    std::span<const Offered* const> items, const Choice& ticked);
// Boxes by which single ones go.
void write_unsure(HtmlWriter& out, const Reader& reader, Word title, Word hint,
                  std::span<const Offered* const> items, const Choice& ticked);

// What the form says of single ones, as far as they are in the offer.
void read_single(const Offers& offer, const std::set<std::string, std::less<>>& without,
                 const std::set<std::string, std::less<>>& also, Choice& choice);

}  // namespace consultd::portal
