#include "adapter/portal/group_list.h"

#include <algorithm>

#include "adapter/portal/choice.h"
#include "fhir/client/granted_scope.h"

namespace consultd::portal {

void write_counts(HtmlWriter& out, const Reader& reader, std::span<const std::uint64_t> counts) {
    out.markup("<ul class=\"items\">\n");
    for (std::size_t i = 0; i < groups().size(); ++i)
        if (counts[i] > 0)
            put(out.markup("<li><b>"), reader, groups()[i].title)
                .markup("</b><span>")
                .text(say(reader.language, Counted::Items, counts[i]))
                .markup("</span></li>\n");
    out.markup("</ul>\n");
}

bool may_read(std::string_view scope, std::size_t group) {
    const auto types = groups()[group].types;
    return types.empty() || std::ranges::any_of(types, [&](std::string_view type) {
               return fhir::may_search(scope, type);
           });
}

namespace {

void write_names(HtmlWriter& out, const Reader& reader, Word heading, Word hint,
                 const std::vector<std::size_t>& named) {
    if (named.empty()) return;
    put(out.markup("<h2>"), reader, heading).markup("</h2>\n");
    paragraph(out, reader, hint);
    out.markup("<ul class=\"items\">\n");
    for (const std::size_t one : named)
        put(out.markup("<li><b>"), reader, groups()[one].title).markup("</b></li>\n");
    out.markup("</ul>\n");
}

}  // namespace

void write_missing(HtmlWriter& out, const Reader& reader, const std::vector<bool>& missing,
                   std::string_view scope) {
    std::vector<std::size_t> not_allowed, not_given;
    for (std::size_t i = 0; i < missing.size(); ++i)
        if (missing[i]) (may_read(scope, i) ? not_given : not_allowed).push_back(i);
    write_names(out, reader, Word::PreviewMissing, Word::PreviewMissingHint, not_given);
    write_names(out, reader, Word::PreviewNotAllowed, Word::PreviewNotAllowedHint, not_allowed);
}

}  // namespace consultd::portal
