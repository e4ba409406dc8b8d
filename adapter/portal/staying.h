// What stays out of a packet, as its patient is told: why, in words for people, and how much of
// which group. By the ledger, which has a reason for each, and by what was ticked: it never says
// that something was not ticked which was.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "adapter/portal/choice.h"
#include "adapter/portal/page.h"

namespace consultd::portal {

// Why, and of each group or private matter, by its title, how many.
using Staying = std::map<Word, std::map<Word, std::uint64_t>>;

// What a document is made of is counted with it. Pure.
Staying staying_of(std::string_view ledger_ndjson, const Offers& offer, const Choice& choice);

void write_staying(HtmlWriter& out, const Reader& reader, const Staying& staying);

}  // namespace consultd::portal
