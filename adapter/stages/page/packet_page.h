// Packet page, inside: what its parts share: the writer, the numbers of the sources, the
// navigation. Each part writes one region of the page in the order in which a consultant reads it.
#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <span>

#include "adapter/html/html_writer.h"
#include "adapter/stages/page/packet_html.h"
#include "adapter/stages/reading/analytes.h"

namespace consultd {

extern const StaticText packet_style;

using Records = std::vector<const Statement*>;

class PageParts {
public:
    explicit PageParts(const PacketPage& page_in);

    const PacketPage& page;
    const Reading& reading;
    const PacketIndex& index;
    const Statement* patient;
    const Specialties& specialties;
    const Specialty& specialty;  // that is asked for
    const Analytes analytes;

    // The small number after a value: a link to its row in "Where each item came from". Numbers are
    // given in the order of reading. What a reader takes together, as the values of one analyte or
    // the doses of one medicine, has one number and one row, in which each is named.
    void cite(HtmlWriter& out, const Statement& statement);
    void cite_question(HtmlWriter& out);
    std::size_t number_of(const Statement& statement);

    // Those of these types, newest first, without what was entered in error.
    Records of_types(std::span<const StaticText> types) const;
    std::size_t in_error() const { return in_error_; }  // how many were

    // How often the packet refers to one of the type Condition.
    std::size_t times_referred(const Statement* condition) const {
        const auto found = referred_.find(condition);
        return found == referred_.end() ? 0 : found->second;
    }

    // How many bytes of a file may still be put into the page: so that it opens everywhere, and so
    // that one large file does not keep the small ones out.
    std::size_t room_for_files() const { return std::min(room_, file_bytes_max); }
    void use_room(std::size_t bytes) { room_ -= std::min(bytes, room_); }

    // Whether no more than its opening words are printed.
    bool begins_on_paper(const Statement& one) const { return begun_.contains(&one); }
    std::size_t begun_on_paper() const { return begun_.size(); }  // how many

    // Texts already on the page, by their hash, and the source they are of: the same letter under
    // two names is shown once.
    std::map<std::string, std::size_t> shown_texts;

    struct NavLink {
        StaticText id, title;
    };
    std::vector<NavLink> nav;

    // The rows of the sources in the order of their numbers, newest first within a row; an empty
    // row stands for the question.
    const std::vector<Records>& sources() const { return sources_; }

private:
    static constexpr std::size_t file_bytes_max = std::size_t{1} << 20;
    std::size_t room_ = std::size_t{3} << 20;
    std::size_t number_of_key(const std::string& key);
    std::map<const Statement*, std::size_t> referred_;
    std::map<std::string_view, Records> by_type_;  // without what was entered in error
    std::map<std::string, Records> groups_;
    std::map<const Statement*, std::string> keys_;
    std::map<std::string, std::size_t> numbers_;
    std::vector<Records> sources_;
    std::set<const Statement*> begun_;
    std::size_t in_error_ = 0;
};

// A section with its heading; `body` writes what is inside. `nav` names it in the navigation.
enum class SectionShape { SideHead, Wide };
struct SectionHead {
    StaticText id, title, nav;
    SectionShape shape = SectionShape::SideHead;
};
void write_section(HtmlWriter& out, PageParts& parts, const SectionHead& head,
                   std::string_view note, const std::function<void()>& body);

// Records of one name and one standing, newest first: one row of a table.
struct NamedRecords {
    std::string name;
    Records records;
};
std::vector<NamedRecords> by_name(const Records& records);

// The name of it, and where it stands at its side: the one way to name what a record says.
void write_name(HtmlWriter& out, const Statement& one);
// When, as the record says it, and why that may not be taken as it stands.
void write_when(HtmlWriter& out, const When& when, ClockTime clock = ClockTime::Omit);

struct Column {
    StaticText title;
    std::function<void(HtmlWriter&, const Statement&)> write;  // nothing: an empty cell
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
enum class Fold { Earlier, Others };
void open_earlier(HtmlWriter& out, std::size_t count, std::string_view name,
                  Fold fold = Fold::Earlier);

using TextOf = std::function<std::string(const Statement&)>;
Column text_column(StaticText title, TextOf text);
Column date_column(StaticText title);
void write_cell(HtmlWriter& out, StaticText column, std::string_view text);
void write_date_cell(HtmlWriter& out, StaticText column, const When& when);
std::string count_note(std::size_t count, StaticText one, StaticText many);
// Whether it says that it is written in a language other than the page's.
bool is_foreign(const fhir::Resource& resource);
// Text in the language that the resource says it is written in.
void write_own(HtmlWriter& out, const fhir::Resource& resource, std::string_view text);

// The name of a value and what else it is of.
void write_value_name(HtmlWriter& out, const PageParts& parts, const Statement& observation);
// The value as reported, in red with its word when it is outside its range; and where it stands.
void write_value(HtmlWriter& out, const Statement& observation);

// Problems: what stands now first, of these what the specialty asks of, then what the record refers
// to most.
Records problems(const PageParts& parts);
// Those that stand where it is asked for, by the table of places.
Records standing_now(Records records);

// What the record's own list of a type says of why it is empty; false, and nothing, where none
// does.
bool write_empty_list(HtmlWriter& out, PageParts& parts, StaticText resource_type);

void write_who(HtmlWriter& out, PageParts& parts);
// What must be known before anything is done: allergies, warnings, harm, what may not be given,
// critical values, pregnancy.
void write_allergies(HtmlWriter& out, PageParts& parts);
void write_alerts(HtmlWriter& out, PageParts& parts);
void write_first_screen(HtmlWriter& out, PageParts& parts);
void write_summary(HtmlWriter& out, PageParts& parts);
void write_stage_and_markers(HtmlWriter& out, PageParts& parts);
void write_newest_values(HtmlWriter& out, PageParts& parts);
// ", 5 Jan 2026"; nothing where it has no date.
void write_comma_when(HtmlWriter& out, const Statement& one);
// The opening words of a text, cut at a word's end; all of it where it is short.
std::string opening_words(std::string said);
void write_missing(HtmlWriter& out, const PageParts& parts);
void write_letter(HtmlWriter& out, PageParts& parts);
void write_fact(HtmlWriter& out, StaticText label, const std::function<void()>& value);
void write_timeline(HtmlWriter& out, PageParts& parts);
void write_results(HtmlWriter& out, PageParts& parts);             // laboratory, vital signs
void write_other_observations(HtmlWriter& out, PageParts& parts);  // the rest of what was observed
// Drawings, and what could not be drawn in a table of this label; nothing where nothing is drawn.
void write_trends(HtmlWriter& out, PageParts& parts, StaticText listed_label,
                  const Records& newest_first);
void write_reports(HtmlWriter& out, PageParts& parts);
// Whether it is a report of pathology, imaging or genetics, by its category.
bool is_specialists_report(const fhir::Resource& report);
void write_documents(HtmlWriter& out, PageParts& parts);
void write_lists(HtmlWriter& out, PageParts& parts);  // problems, medicines, allergies
void write_history(HtmlWriter& out,
                   PageParts& parts);  // procedures, immunizations, family, plans …
// What is under 42 CFR Part 2: its notice, and what that covers; nothing where nothing is.
void write_notice(HtmlWriter& out, PageParts& parts);
void write_law(HtmlWriter& out, PageParts& parts);
void write_sources(HtmlWriter& out, PageParts& parts);

// Those whose texts are too long for paper; `rows`: how many rows the sources of all have.
Records texts_begun_on_paper(const Reading& reading, std::size_t rows);
// A text that may be too long for paper: there it begins, and it says that the screen has the
// whole.
void open_long_text(HtmlWriter& out, const PageParts& parts, const Statement& one);
void close_long_text(HtmlWriter& out, const PageParts& parts, const Statement& one);

}  // namespace consultd
