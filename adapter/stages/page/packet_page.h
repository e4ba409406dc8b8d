// Packet page, inside: what its parts share: the writer, the numbers of the sources, the
// navigation. Each part writes one region of the page in the order in which a consultant reads it.
#pragma once

#include <functional>
#include <span>

#include "adapter/html/html_writer.h"
#include "adapter/stages/page/packet_html.h"

namespace consultd {

extern const StaticText packet_style;

using Records = std::vector<const PacketResource*>;

class PageParts {
public:
    explicit PageParts(const PacketPage& page_in);

    const PacketPage& page;
    PacketIndex index;
    const PacketResource* patient;
    const Specialties& specialties;
    std::span<const KeyValue> key_values;  // of the specialty that is asked for

    // The small number after a value: a link to its row in "Where each item came from". Numbers are
    // given in the order of reading. What a reader takes together, as the values of one analyte or
    // the doses of one medicine, has one number and one row, in which each is named.
    void cite(HtmlWriter& out, const PacketResource& resource);
    void cite_question(HtmlWriter& out);
    std::size_t number_of(const PacketResource& resource);

    // Those of these types, newest first, without what was entered in error.
    Records of_types(std::span<const StaticText> types) const;

    // How often the packet refers to one of the type Condition.
    std::size_t times_referred(const PacketResource* condition) const {
        const auto found = referred_.find(condition);
        return found == referred_.end() ? 0 : found->second;
    }

    struct NavLink {
        StaticText id, title;
    };
    std::vector<NavLink> nav;

    // The rows of the sources in the order of their numbers, newest first within a row; an empty
    // row stands for the question.
    const std::vector<Records>& sources() const { return sources_; }

private:
    std::size_t number_of_key(const std::string& key);
    std::map<const PacketResource*, std::size_t> referred_;
    std::map<std::string_view, Records> by_type_;  // without what was entered in error
    std::map<std::string, Records> groups_;
    std::map<const PacketResource*, std::string> keys_;
    std::map<std::string, std::size_t> numbers_;
    std::vector<Records> sources_;
};

// A section with its heading; `body` writes what is inside. `nav` names it in the navigation.
enum class SectionShape { SideHead, Wide };
struct SectionHead {
    StaticText id, title, nav;
    SectionShape shape = SectionShape::SideHead;
};
void write_section(HtmlWriter& out, PageParts& parts, const SectionHead& head,
                   std::string_view note, const std::function<void()>& body);

// Records of one name, newest first: one row of a table.
struct NamedRecords {
    std::string name;
    Records records;
};
std::vector<NamedRecords> by_name(const Records& records, const PacketIndex& index);

struct Column {
    StaticText title;
    std::function<void(HtmlWriter&, const PacketResource&)> write;  // nothing: an empty cell
    StaticText absent = "";  // stands in an empty cell of a column that has others
    enum class Content { Date, Other } content = Content::Other;
};
struct Table {
    StaticText label;  // what it holds, for whoever does not see the heading
    StaticText item;   // the title of the first column
    std::span<const Column> columns;
};
// One row a name: the first cell names it and cites it, the columns say what the newest of it says,
// the earlier ones fold away. A column in which no row has anything is left out.
void write_table(HtmlWriter& out, PageParts& parts, const Table& table,
                 const std::vector<NamedRecords>& rows);
// The start and the end of a table that scrolls sideways where it must.
void open_table(HtmlWriter& out, StaticText label);
void close_table(HtmlWriter& out);

// A row beneath another one, over the whole width: what folds away of it.
void write_row_beneath(HtmlWriter& out, std::size_t columns, const HtmlWriter& folded);
// The start of the list of the earlier ones, up to its first item.
void open_earlier(HtmlWriter& out, std::size_t count, std::string_view name);

using TextOf = std::function<std::string(const PacketResource&)>;
Column text_column(StaticText title, TextOf text);
Column date_column(StaticText title);
void write_cell(HtmlWriter& out, StaticText column, std::string_view text);
void write_date_cell(HtmlWriter& out, StaticText column, std::string_view date);
std::string count_note(std::size_t count, StaticText one, StaticText many);
// Whether it says that it is written in a language other than the page's.
bool is_foreign(const fhir::Resource& resource);
// Text in the language that the resource says it is written in.
void write_own(HtmlWriter& out, const fhir::Resource& resource, std::string_view text);

// The value as reported, in red with its word when it is outside its range.
void write_value(HtmlWriter& out, const fhir::Resource& observation);

// Problems: what is not over first, of these what the record refers to most.
Records problems(const PageParts& parts);
// What is over by its own status.
bool is_over(const fhir::Resource& resource);

void write_who(HtmlWriter& out, PageParts& parts);
void write_first_screen(HtmlWriter& out, PageParts& parts);
void write_summary(HtmlWriter& out, PageParts& parts);
void write_missing(HtmlWriter& out, const PageParts& parts);
void write_fact(HtmlWriter& out, StaticText label, const std::function<void()>& value);
void write_timeline(HtmlWriter& out, PageParts& parts);
void write_results(HtmlWriter& out, PageParts& parts);             // laboratory, vital signs
void write_other_observations(HtmlWriter& out, PageParts& parts);  // the rest of what was observed
// Drawings, and what could not be drawn in a table of this label; nothing where nothing is drawn.
void write_trends(HtmlWriter& out, PageParts& parts, StaticText listed_label,
                  const Records& newest_first);
void write_reports(HtmlWriter& out, PageParts& parts);
void write_documents(HtmlWriter& out, PageParts& parts);
void write_lists(HtmlWriter& out, PageParts& parts);  // problems, medicines, allergies
void write_history(HtmlWriter& out,
                   PageParts& parts);  // procedures, immunizations, family, plans …
void write_sources(HtmlWriter& out, PageParts& parts);

}  // namespace consultd
