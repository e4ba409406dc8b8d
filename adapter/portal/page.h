// Page: how each page of the portal is put together and sent: one column, one question, the same
// head and foot, no script that it needs; headers that let nothing from elsewhere in and keep
// nothing anywhere. Knows no transfer. https://www.w3.org/TR/CSP3/
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapter/html/html_writer.h"
#include "adapter/portal/words.h"
#include "adapter/web/server/server.h"

namespace consultd::portal {

// Who reads it, and what every page of theirs has.
struct Reader {
    Language language = Language::English;
    std::string csrf;  // empty: there is no session, and no form
    bool is_signed_in = false;
    std::optional<std::string> acts_for;  // another person's name; empty: it is not known
    std::string path;                     // of this page: the other language is a link to it
    std::string run_by, help;
};

struct Page {
    std::string title;
    HtmlWriter body;            // below the heading
    StaticText back = "";       // where "Back" leads; empty: nowhere
    bool looks_again = false;   // by itself, every few seconds
    bool has_heading = true;    // false: the body has its own
    std::string posts_to = {};  // the origin of a form that is not for us; empty: there is none
    int status = 200;
};

// Out of here at once; leaves no entry in the browser's list of pages where its script runs.
inline constexpr StaticText exit_path = "/portal/exit";

web::ServerResponse send_page(const Reader& reader, Page page);
// To another page of ours: the target is a text of ours alone, so it leads nowhere else.
web::ServerResponse go_to(StaticText path, std::string_view id = {});

// With the text of the words, escaped.
HtmlWriter& put(HtmlWriter& out, const Reader& reader, Word word);
HtmlWriter& put(HtmlWriter& out, const Reader& reader, Word word, Places places);
// <p>…</p>
HtmlWriter& paragraph(HtmlWriter& out, const Reader& reader, Word word, Places places = {});
// The beginning of a form that posts to this path, with what shows that it is ours.
HtmlWriter& begin_form(HtmlWriter& out, const Reader& reader, StaticText path,
                       std::string_view id = {});
HtmlWriter& button(HtmlWriter& out, const Reader& reader, Word word, StaticText kind = "btn");
HtmlWriter& link_button(HtmlWriter& out, const Reader& reader, Word word, StaticText path,
                        StaticText kind = "btn");
// What went wrong, where a form comes back.
HtmlWriter& complaint(HtmlWriter& out, const Reader& reader, Word word);

}  // namespace consultd::portal
