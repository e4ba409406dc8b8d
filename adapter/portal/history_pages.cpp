// Who looked at what, and when: the audit log of one transfer, for its patient.
#include <algorithm>

#include "adapter/audit/event_reader.h"
#include "adapter/portal/history.h"
#include "adapter/portal/portal.h"

namespace consultd::portal {
namespace {

using web::ServerResponse;

void write_lines(HtmlWriter& out, const Reader& reader, const std::vector<HistoryLine>& lines,
                 bool own, const std::string& clinic) {
    out.markup("<ol class=\"items\">\n");
    for (const HistoryLine& line : lines) {
        if (line.is_own != own) continue;
        put(out.markup("<li><span>"), reader, line.what,
            {{"who", line.who}, {"clinic", line.clinic.empty() ? clinic : line.clinic}});
        if (line.erased > 0)
            out.markup(" ").text(say(reader.language, Counted::Erased, line.erased));
        if (line.by) put(out.markup("</span><span class=\"hint\">"), reader, *line.by);
        out.markup("</span><span class=\"hint\">")
            .text(date_words(reader.language, line.when))
            .markup("</span></li>\n");
    }
    out.markup("</ol>\n");
}

}  // namespace

// The log as any outsider reads it: it is shown only if it verifies.
ServerResponse Portal::history(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    if (!found) return nothing_here(visit);
    const Reader& reader = visit.reader;
    std::vector<HistoryLine> lines;
    const Status read = parts_.read_log([&](std::uint64_t, std::string_view entry) {
        if (entry.find(found->id) == std::string_view::npos) return true;
        const auto event = fhir::Json::parse(std::string(entry));
        if (!event || audit::transfer_of(*event) != found->id) return true;
        if (auto line = history_line(*event, actor_of(visit))) lines.push_back(*std::move(line));
        return true;
    });
    Page page{.title = std::string(say(reader.language, Word::HistoryTitle)),
              .body = {},
              .back = "/portal/sharing"};
    HtmlWriter& out = page.body;
    if (!read) {
        paragraph(out, reader, Word::HistoryNotNow);
        page.status = 503;
        return send_page(reader, std::move(page));
    }
    const std::string there = clinic_of(*found);
    out.markup("<p><b>").own(there).markup("</b></p>\n");
    paragraph(out, reader, Word::HistoryHint);
    const bool has_others = std::ranges::any_of(lines, [](const auto& one) { return !one.is_own; });
    if (has_others)
        write_lines(out, reader, lines, false, there);
    else
        paragraph(out, reader, Word::HistoryNone);
    put(out.markup("<details><summary>"), reader, Word::HistoryOwn).markup("</summary>\n");
    write_lines(out, reader, lines, true, there);
    out.markup("</details>\n");
    return send_page(reader, std::move(page));
}

}  // namespace consultd::portal
