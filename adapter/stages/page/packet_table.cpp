// The tables of the page: one row a name, so that the same thing done fifty times is one row and
// not fifty.
#include <algorithm>

#include "adapter/stages/page/packet_page.h"

namespace consultd {
namespace {

constexpr std::size_t rows_open_max = 40;

struct Row {
    const Statement* newest;
    HtmlWriter head;
    std::vector<HtmlWriter> cells;  // one a column
    HtmlWriter earlier;
};

// The earlier ones say what of them differs from the newest.
void write_earlier(HtmlWriter& out, PageParts& parts, const Table& table, const Records& records,
                   const std::vector<HtmlWriter>& newest) {
    if (records.size() < 2) return;
    const std::string aside = records.front()->aside();
    std::string name = records.front()->what;
    join(name, ", ", records.front()->words);
    open_earlier(out, records.size() - 1, name);
    const std::size_t own_number = parts.number_of(*records.front());
    for (std::size_t i = 1; i < records.size(); ++i) {
        out.markup("<li>");
        if (records[i]->when.is_empty())
            out.markup("not recorded");
        else
            write_when(out, records[i]->when);
        if (!records[i]->is_plain() && records[i]->aside() != aside)
            out.markup(" <span class=\"amber\">").own(records[i]->aside()).markup("</span>");
        for (std::size_t k = 0; k < table.columns.size(); ++k) {
            if (table.columns[k].content == Column::Content::Date) continue;
            HtmlWriter cell;
            table.columns[k].write(cell, *records[i]);
            if (cell.is_empty() || cell.same_as(newest[k])) continue;
            out.markup(" · ");
            open_long_text(out, parts, *records[i]);
            out.append(cell);
            close_long_text(out, parts, *records[i]);
        }
        if (parts.number_of(*records[i]) != own_number) parts.cite(out, *records[i]);
        out.markup("</li>");
    }
    out.markup("</ul></details>");
}

Row row_of(PageParts& parts, const Table& table, const NamedRecords& named) {
    const Statement& newest = *named.records.front();
    Row row{&newest, {}, {}, {}};
    write_name(row.head, newest);
    parts.cite(row.head, newest);
    for (const Column& column : table.columns) column.write(row.cells.emplace_back(), newest);
    write_earlier(row.earlier, parts, table, named.records, row.cells);
    return row;
}

void write_part(HtmlWriter& out, const PageParts& parts, const Table& table,
                const std::vector<bool>& used, const std::vector<Row>& rows, std::size_t from,
                std::size_t to) {
    const auto title = [&](std::size_t k) { return table.columns[k].title.view(); };
    const auto columns = 1 + static_cast<std::size_t>(std::count(used.begin(), used.end(), true));
    open_table(out, table.label);
    out.markup("<thead><tr><th scope=\"col\">").text(table.item.view()).markup("</th>");
    for (std::size_t k = 0; k < used.size(); ++k)
        if (used[k]) out.markup("<th scope=\"col\">").text(title(k)).markup("</th>");
    out.markup("</tr></thead><tbody>\n");
    for (std::size_t i = from; i < to; ++i) {
        out.markup("<tr><th scope=\"row\">").append(rows[i].head).markup("</th>");
        for (std::size_t k = 0; k < used.size(); ++k) {
            if (!used[k]) continue;
            const bool is_empty = rows[i].cells[k].is_empty();
            const StaticText absent = table.columns[k].absent;
            if (is_empty && absent.view().empty()) {
                out.markup("<td></td>");
                continue;
            }
            out.markup("<td data-l=\"").text(title(k)).markup("\">");
            open_long_text(out, parts, *rows[i].newest);
            if (is_empty)
                out.markup("<span class=\"dim\">").text(absent.view()).markup("</span>");
            else
                out.append(rows[i].cells[k]);
            close_long_text(out, parts, *rows[i].newest);
            out.markup("</td>");
        }
        out.markup("</tr>\n");
        write_row_beneath(out, columns, rows[i].earlier);
    }
    out.markup("</tbody>");
    close_table(out);
}

}  // namespace

std::vector<NamedRecords> by_name(const Records& records) {
    std::vector<NamedRecords> out;
    std::map<std::string, std::size_t> position;
    for (const Statement* one : records) {
        // What has no name is not known to be the same as another without one.
        std::string key = one->what.empty() ? one->record->full_url : one->what;
        const auto [found, is_new] =
            position.try_emplace(std::move(key.append("\n").append(one->words)), out.size());
        if (is_new) out.push_back({one->what, {}});
        out[found->second].records.push_back(one);
    }
    return out;
}

void write_name(HtmlWriter& out, const Statement& one) {
    if (one.what.empty())
        out.markup("<span class=\"dim\">name not recorded</span>");
    else
        write_own(out, one.resource(), one.what);
    if (!one.is_plain()) out.markup(" <span class=\"amber\">").own(one.aside()).markup("</span>");
}

void write_when(HtmlWriter& out, const When& when, ClockTime clock) {
    if (!when.said.empty()) out.own(when.said);
    if (when.date.empty()) return;
    if (!when.said.empty()) out.markup(", ");
    if (!when.about.view().empty()) out.text(when.about.view()).markup(" ");
    if (when.is_end) out.markup("until ");
    out.date(when.date, clock == ClockTime::Show);
    if (when.is_span()) out.markup(" to ").date(when.until);
    if (when.doubt != When::Doubt::None)
        out.markup(" <span class=\"amber\">")
            .text(doubt_words(when.doubt).view())
            .markup("</span>");
}

void write_table(HtmlWriter& out, PageParts& parts, const Table& table,
                 const std::vector<NamedRecords>& named) {
    std::vector<Row> rows;
    std::vector<bool> used(table.columns.size(), false);
    for (const NamedRecords& one : named) {
        rows.push_back(row_of(parts, table, one));
        for (std::size_t k = 0; k < used.size(); ++k)
            if (!rows.back().cells[k].is_empty()) used[k] = true;
    }
    const std::size_t open = std::min(rows.size(), rows_open_max);
    write_part(out, parts, table, used, rows, 0, open);
    if (open == rows.size()) return;
    out.markup("<details class=\"more\"><summary>").number(rows.size() - open);
    out.markup(" more</summary>");
    write_part(out, parts, table, used, rows, open, rows.size());
    out.markup("</details>");
}

void open_table(HtmlWriter& out, StaticText label) {
    out.markup("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"");
    out.text(label.view()).markup(", table\"><table class=\"stack\"><caption class=\"vh\">");
    out.text(label.view()).markup("</caption>");
}

void write_row_beneath(HtmlWriter& out, std::size_t columns, const HtmlWriter& folded) {
    if (folded.is_empty()) return;
    out.markup("<tr class=\"more\"><td colspan=\"").number(columns).markup("\">");
    out.append(folded).markup("</td></tr>\n");
}

void open_earlier(HtmlWriter& out, std::size_t count, std::string_view name, Fold fold) {
    out.markup("<details class=\"hist\"><summary>").number(count);
    out.markup(fold == Fold::Earlier ? StaticText(" earlier") : StaticText(" other"));
    out.markup("<span class=\"vh\"> of ").own(name).markup("</span></summary><ul>");
}

void close_table(HtmlWriter& out) { out.markup("</table></div>"); }

Column text_column(StaticText title, TextOf text) {
    return {title, [text = std::move(text)](HtmlWriter& out, const Statement& one) {
                if (const std::string said = text(one); !said.empty())
                    write_own(out, one.resource(), said);
            }};
}

Column date_column(StaticText title) {
    return {title, [](HtmlWriter& out, const Statement& one) { write_when(out, one.when); },
            "not recorded", Column::Content::Date};
}

void write_cell(HtmlWriter& out, StaticText column, std::string_view text) {
    out.markup("<td data-l=\"").text(column.view()).markup("\">").own(text).markup("</td>");
}

void write_date_cell(HtmlWriter& out, StaticText column, const When& when) {
    out.markup("<td data-l=\"").text(column.view()).markup("\">");
    if (when.is_empty())
        out.markup("<span class=\"dim\">not recorded</span>");
    else
        write_when(out, when);
    out.markup("</td>");
}

std::string count_note(std::size_t count, StaticText one, StaticText many) {
    return std::to_string(count) + ' ' + std::string(count == 1 ? one.view() : many.view());
}

bool is_foreign(const fhir::Resource& resource) {
    const std::string_view language = resource["language"].string();
    return language.size() >= 2 && language.size() <= 35 && language != "en" &&
           !language.starts_with("en-") &&
           std::all_of(language.begin(), language.end(), [](char letter) {
               return letter == '-' || std::isalnum(static_cast<unsigned char>(letter));
           });
}

void write_own(HtmlWriter& out, const fhir::Resource& resource, std::string_view text) {
    if (!is_foreign(resource)) {
        out.own(text);
        return;
    }
    out.markup("<bdi lang=\"").text(resource["language"].string()).markup("\">");
    out.text(text).markup("</bdi>");
}

}  // namespace consultd
