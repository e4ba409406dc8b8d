#include "adapter/portal/page.h"

#include "adapter/web/refusals.h"

namespace consultd::portal {
namespace {

// Shown by the script, two minutes before the session ends.
void write_warning(HtmlWriter& out, const Reader& reader) {
    put(out.markup("<div class=\"quiet warn ends\" role=\"alert\" hidden><p>"), reader,
        Word::EndsSoon)
        .markup("</p>");
    put(out.markup("<button type=\"button\" class=\"btn stay\">"), reader, Word::StaySignedIn)
        .markup("</button></div>\n");
}

void write_head(HtmlWriter& out, const Reader& reader, const Page& page) {
    out.markup("<!DOCTYPE html>\n<html lang=\"")
        .text(code_of(reader.language))
        .markup(
            "\" dir=\"ltr\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" "
            "content=\"width=device-width,initial-scale=1\">");
    if (page.looks_again)
        out.markup(
            "<noscript><meta http-equiv=\"refresh\" content=\"3;url=/portal/look\"></noscript>");
    // A title stands in the browser's history: it says nothing of anybody.
    out.markup("<title>")
        .text(say(reader.language, Word::ServiceName))
        .markup(
            "</title><link rel=\"stylesheet\" href=\"/portal/style.css\"><script "
            "src=\"/portal/portal.js\" defer></script></head>\n<body><div "
            "class=\"screen\">\n<header class=\"top\"><b>")
        .text(say(reader.language, Word::ServiceName))
        .markup("</b><nav>");
    if (reader.is_signed_in)
        put(out.markup("<a href=\"/portal/sharing\">"), reader, Word::MySharing).markup("</a>");
    for (const Language language : languages)
        if (language != reader.language)
            out.markup("<a lang=\"")
                .text(code_of(language))
                .markup("\" href=\"")
                .text(reader.path)
                .markup("?lang=")
                .text(code_of(language))
                .markup("\">")
                .text(own_name_of(language))
                .markup("</a>");
    put(out.markup("<a rel=\"noreferrer\" href=\"").text(exit_path.view()).markup("\">"), reader,
        Word::LeaveNow)
        .markup("</a></nav></header>\n");
    if (!reader.csrf.empty()) write_warning(out, reader);
    // Where it is asked for again, if the browser shows it as it was once.
    out.markup("<main class=\"in\" data-at=\"")
        .text(reader.path)
        .markup(page.looks_again ? StaticText("\" data-looks-again>\n") : StaticText("\">\n"));
    if (!reader.acts_for) return;
    out.markup("<p class=\"acting\">");
    if (reader.acts_for->empty())
        put(out, reader, Word::ActForOther);
    else
        put(out, reader, Word::ActFor, {{"name", *reader.acts_for}});
    out.markup("</p>\n");
}

void write_foot(HtmlWriter& out, const Reader& reader) {
    out.markup("</main>\n<footer class=\"foot\">");
    if (!reader.help.empty())
        put(out.markup("<span>"), reader, Word::Help, {{"where", reader.help}}).markup("</span>");
    if (!reader.run_by.empty())
        put(out.markup("<span>"), reader, Word::RunBy, {{"who", reader.run_by}}).markup("</span>");
    if (!reader.csrf.empty())
        put(out.markup("<noscript><span>"), reader, Word::EndsByItself)
            .markup("</span></noscript>");
    if (reader.is_signed_in) {
        begin_form(out, reader, "/portal/leave");
        put(out.markup("<button class=\"link\">"), reader, Word::Leave).markup("</button></form>");
    }
    out.markup("</footer></div></body></html>\n");
}

}  // namespace

web::ServerResponse send_page(const Reader& reader, Page page) {
    HtmlWriter out;
    write_head(out, reader, page);
    if (!page.back.view().empty())
        put(out.markup("<a class=\"back\" href=\"").text(page.back.view()).markup("\">‹ "), reader,
            Word::Back)
            .markup("</a>\n");
    if (page.has_heading) out.markup("<h1>").text(page.title).markup("</h1>\n");
    out.append(page.body);
    write_foot(out, reader);
    // Where it may go besides is told for the one page that has such a form.
    const std::string elsewhere = page.posts_to.empty() ? "" : " " + page.posts_to;
    return {.status = page.status,
            .headers = {{"Content-Type", "text/html; charset=utf-8"},
                        {"Content-Language", std::string(code_of(reader.language))},
                        {"Cache-Control", "no-store"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"X-Frame-Options", "DENY"},
                        {"Cross-Origin-Opener-Policy", "same-origin"},
                        {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
                        {"Content-Security-Policy",
                         "default-src 'none'; script-src 'self'; connect-src 'self'; style-src "
                         "'self'; form-action 'self'" +
                             elsewhere + "; base-uri 'none'; frame-ancestors 'none'"},
                        // Not "no-referrer", by which a form would lose its Origin too; to others
                        // nothing is told.
                        {"Referrer-Policy", "same-origin"}},
            .body = std::move(out).take()};
}

web::ServerResponse go_to(StaticText path, std::string_view id) {
    std::string target(path.view());
    if (!id.empty()) target.append("/").append(id);
    web::ServerResponse response = web::answer(303, "", "text/plain; charset=utf-8");
    response.headers.emplace_back("Location", std::move(target));
    return response;
}

HtmlWriter& put(HtmlWriter& out, const Reader& reader, Word word) {
    return out.text(say(reader.language, word));
}
HtmlWriter& put(HtmlWriter& out, const Reader& reader, Word word, Places places) {
    return out.text(say(reader.language, word, places));
}

HtmlWriter& paragraph(HtmlWriter& out, const Reader& reader, Word word, Places places) {
    return put(out.markup("<p>"), reader, word, places).markup("</p>\n");
}

HtmlWriter& begin_form(HtmlWriter& out, const Reader& reader, StaticText path,
                       std::string_view id) {
    out.markup("<form method=\"post\" action=\"").text(path.view());
    if (!id.empty()) out.markup("/").text(id);
    return out.markup("\"><input type=\"hidden\" name=\"csrf\" value=\"")
        .text(reader.csrf)
        .markup("\">");
}

HtmlWriter& button(HtmlWriter& out, const Reader& reader, Word word, StaticText kind) {
    return put(out.markup("<button class=\"").text(kind.view()).markup("\">"), reader, word)
        .markup("</button>\n");
}

HtmlWriter& link_button(HtmlWriter& out, const Reader& reader, Word word, StaticText path,
                        StaticText kind) {
    out.markup("<a class=\"").text(kind.view()).markup("\" href=\"").text(path.view());
    return put(out.markup("\">"), reader, word).markup("</a>\n");
}

HtmlWriter& complaint(HtmlWriter& out, const Reader& reader, Word word) {
    return put(out.markup("<p class=\"quiet bad\" role=\"alert\">"), reader, word).markup("</p>\n");
}

}  // namespace consultd::portal
