#include "adapter/portal/group_list.h"

#include "adapter/portal/choice.h"

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

}  // namespace consultd::portal
