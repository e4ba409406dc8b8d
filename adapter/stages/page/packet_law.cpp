// The law that a part of the packet is under: the notice that has to go with it, on the first
// screen, and what it covers. https://www.ecfr.gov/current/title-42/section-2.32
#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/part2.h"

namespace consultd {

void write_notice(HtmlWriter& out, PageParts& parts) {
    const Records covered = under_part2(parts.reading);
    if (covered.empty()) return;
    out.markup("<p class=\"receipt\" role=\"note\"><span><b>Notice</b> ")
        .text(parts.page.knowledge.part2_notice)
        .markup(" <a href=\"#law\">It covers ")
        .text(count_note(covered.size(), "record", "records"))
        .markup(" of this packet</a>.</span></p>\n");
}

void write_law(HtmlWriter& out, PageParts& parts) {
    const Records covered = under_part2(parts.reading);
    if (covered.empty()) return;
    const SectionHead head{"law", "Under 42 CFR Part 2", "42 CFR Part 2"};
    write_section(out, parts, head, count_note(covered.size(), "record", "records"), [&] {
        out.markup("<p><b>")
            .text(parts.page.knowledge.part2_notice)
            .markup("</b></p>\n<p>")
            .text(consent_scope_words(parts.page.input))
            .markup("</p>\n<ul>");
        for (const Statement* one : covered) {
            out.markup("<li>");
            write_name(out, *one);
            write_comma_when(out, *one);
            if (one->places().shown) parts.cite(out, *one);
            out.markup("</li>\n");
        }
        out.markup("</ul>\n");
    });
}

}  // namespace consultd
