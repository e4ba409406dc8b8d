// Packet page, inside: what its parts share: the writer, the numbers of the sources, the
// navigation. Each part writes one region of the page in the order in which a consultant reads it.
#pragma once

#include <functional>
#include <span>

#include "adapter/stages/assemble/html_writer.h"
#include "adapter/stages/assemble/packet_html.h"

namespace consultd {

extern const StaticText packet_style;

class PageParts {
public:
    explicit PageParts(const PacketPage& page_in);

    const PacketPage& page;
    PacketIndex index;
    const PacketResource* patient;

    // The small number after a value: a link to its row in "Where each item came from". Numbers are
    // given in the order of reading.
    void cite(HtmlWriter& out, const PacketResource& resource);
    void cite_question(HtmlWriter& out);
    std::size_t number_of(const PacketResource& resource);

    // Those of these types, newest first, without what was entered in error.
    std::vector<const PacketResource*> of_types(std::span<const StaticText> types) const;

    struct NavLink {
        StaticText id, title;
    };
    std::vector<NavLink> nav;

    // The rows of the sources in the order of their numbers; null stands for the question.
    const std::vector<const PacketResource*>& sources() const { return sources_; }

private:
    std::vector<const PacketResource*> sources_;
    std::map<const PacketResource*, std::size_t> numbers_;
};

using Records = std::vector<const PacketResource*>;

// A section with its heading; `body` writes what is inside.
void write_section(HtmlWriter& out, PageParts& parts, StaticText id, StaticText title,
                   std::string_view note, const std::function<void()>& body);
// One row a record: the first cell names it and cites it, `cells` writes the others. What is past
// the first rows folds away.
void write_table(HtmlWriter& out, PageParts& parts, std::span<const StaticText> columns,
                 const Records& records, const std::function<void(const PacketResource&)>& cells);
void write_cell(HtmlWriter& out, StaticText column, std::string_view text);
void write_date_cell(HtmlWriter& out, StaticText column, std::string_view date);
std::string count_note(std::size_t count, StaticText one, StaticText many);

// "above 4.0 – 11.0", "high": what the record itself says of a value; empty: nothing, or in range.
std::string flag_text(fhir::JsonView observation);
// The value as reported, in red with its word when it is outside its range.
void write_value(HtmlWriter& out, const fhir::Resource& observation);

void write_who(HtmlWriter& out, PageParts& parts);
void write_first_screen(HtmlWriter& out, PageParts& parts);
void write_results(HtmlWriter& out, PageParts& parts);
void write_reports(HtmlWriter& out, PageParts& parts);
void write_documents(HtmlWriter& out, PageParts& parts);
void write_lists(HtmlWriter& out, PageParts& parts);  // problems, medicines, allergies
void write_history(HtmlWriter& out,
                   PageParts& parts);  // procedures, immunizations, family, plans …
void write_sources(HtmlWriter& out, PageParts& parts);

}  // namespace consultd
