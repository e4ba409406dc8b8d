// What came back: the opinion as words and files, and the letter that takes it to the first doctor.
// Nothing of theirs is markup here, and no file of theirs is opened by a page of ours.
#include <algorithm>

#include "adapter/portal/person.h"
#include "adapter/portal/portal.h"
#include "adapter/stages/text/text.h"
#include "adapter/web/refusals.h"

namespace consultd::portal {
namespace {

using web::ServerResponse;

// Whether all of it stands on a page of ours.
bool is_shown(const OpinionItem& item) {
    if (item.bytes.empty()) return true;
    const auto text = text_of_file(item.bytes, item.content_type);
    return text && !text->is_guessed && !text->shown.empty();
}

void write_words(HtmlWriter& out, const Reader& reader, const OpinionItem& item) {
    const bool has_title = !item.title.empty() && item.form != "text";
    if (has_title) out.markup("<h3>").own(item.title).markup("</h3>\n");
    const auto text = text_of_file(item.bytes, item.content_type);
    if (text && !text->is_guessed && !text->shown.empty())
        out.markup("<div class=\"said\" dir=\"auto\">").prose(text->shown).markup("</div>\n");
    else
        paragraph(out, reader, Word::OpinionNoWords);
}

// Each thing of one version: its words, and where it is a file, the file.
void write_version(HtmlWriter& out, const Reader& reader, const Opinion& opinion,
                   std::size_t version, std::string_view transfer_id) {
    std::size_t number = 0;
    const std::vector<OpinionItem> items = opinion.items(version);
    if (std::ranges::any_of(items, [](const auto& item) { return !item.standing.empty(); }))
        paragraph(out.markup("<div class=\"quiet warn\">"), reader, Word::OpinionDraft)
            .markup("</div>\n");
    for (const OpinionItem& item : items) {
        if (item.bytes.empty()) continue;
        const std::string place = std::to_string(++number);
        write_words(out, reader, item);
        if (item.form == "text" || transfer_id.empty()) continue;
        begin_form(out, reader, "/portal/opinion-file", transfer_id)
            .markup("<input type=\"hidden\" name=\"version\" value=\"")
            .number(version)
            .markup("\"><input type=\"hidden\" name=\"item\" value=\"")
            .text(place)
            .markup("\"><button class=\"link\">");
        put(out, reader, Word::OpinionSave, {{"n", place}}).markup("</button></form>\n");
    }
}

void write_fact(HtmlWriter& out, const Reader& reader, Word term, std::string_view text) {
    put(out.markup("<div><dt>"), reader, term)
        .markup("</dt><dd>")
        .own(text)
        .markup("</dd></div>\n");
}

}  // namespace

bool Portal::has(const Transfer& transfer, Part part) {
    const auto is_kept = parts_of(transfer).has(part);
    return is_kept && *is_kept;
}

std::optional<Opinion> Portal::opinion_to_read(const Visit& visit, const Transfer& transfer) {
    if (!has(transfer, Part::Opinion)) return std::nullopt;
    auto text = parts_of(transfer).open(Part::Opinion);
    if (!text) return std::nullopt;
    auto opinion = Opinion::parse(*std::move(text));
    // If we die after this: it says that it was read, and it was not.
    if (!opinion || !parts_.opinion_is_read(transfer, actor_of(visit))) return std::nullopt;
    return *std::move(opinion);
}

ServerResponse Portal::opinion(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    const auto opinion = found ? opinion_to_read(visit, *found) : std::nullopt;
    if (!opinion) return nothing_here(visit);
    const Reader& reader = visit.reader;
    Page page{.title = std::string(say(reader.language, Word::OpinionTitle)),
              .body = {},
              .back = "/portal/sharing"};
    HtmlWriter& out = page.body;
    if (found->reason == "opinion-void")
        paragraph(out.markup("<div class=\"quiet bad\">"), reader, Word::OpinionVoid,
                  {{"clinic", clinic_of(*found)}})
            .markup("</div>\n");
    out.markup("<dl class=\"sum\">");
    write_fact(out, reader, Word::OpinionFrom, clinic_of(*found));
    for (const OpinionItem& item : opinion->items(opinion->versions() - 1)) {
        if (item.author.empty()) continue;
        write_fact(out, reader, Word::OpinionBy, item.author);
        if (!item.written.empty())
            write_fact(out, reader, Word::OpinionWritten,
                       date_words(reader.language, item.written));
        break;
    }
    write_fact(out, reader, Word::OpinionCame, date_words(reader.language, opinion->taken()));
    out.markup("</dl>\n");
    const std::size_t newest = opinion->versions() - 1;
    write_version(out, reader, *opinion, newest, found->id);
    for (std::size_t version = newest; version-- > 0;) {
        put(out.markup("<details><summary>"), reader, Word::OpinionEarlier,
            {{"date", date_words(reader.language, opinion->taken(version))}})
            .markup("</summary>\n");
        write_version(out, reader, *opinion, version, found->id);
        out.markup("</details>\n");
    }
    paragraph(out.markup("<div class=\"quiet\">"), reader, Word::OpinionKept,
              {{"days", std::to_string(keep_days())}})
        .markup("</div>\n");
    put(out.markup("<h2>"), reader, Word::OpinionFirstTeam).markup("</h2>\n");
    paragraph(out, reader, Word::OpinionNotSent, {{"hospital", hospital_of(*found)}});
    put(out.markup("<p><a class=\"btn two\" href=\"/portal/letter/").text(found->id).markup("\">"),
        reader, Word::OpinionLetterGo)
        .markup("</a></p>\n");
    return send_page(reader, std::move(page));
}

// Saved, and never shown by the browser: under a name of ours, as bytes.
ServerResponse Portal::opinion_file(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    const auto opinion = found ? opinion_to_read(visit, *found) : std::nullopt;
    if (!opinion) return nothing_here(visit);
    for (std::size_t version = 0; version < opinion->versions(); ++version) {
        if (visit.field("version") != std::to_string(version)) continue;
        std::size_t number = 0;
        for (OpinionItem& item : opinion->items(version)) {
            if (item.bytes.empty() || visit.field("item") != std::to_string(++number)) continue;
            std::string name = "opinion-" + std::to_string(number);
            name += suffix_of(item.content_type);
            ServerResponse response =
                web::answer(200, std::move(item.bytes), "application/octet-stream");
            response.headers.emplace_back("Content-Disposition",
                                          "attachment; filename=\"" + name + "\"");
            return response;
        }
    }
    return nothing_here(visit);
}

ServerResponse Portal::letter(Visit& visit) {
    const auto found = transfer_of(visit, visit.id);
    const auto opinion = found ? opinion_to_read(visit, *found) : std::nullopt;
    if (!opinion) return nothing_here(visit);
    const Reader& reader = visit.reader;
    const std::string first = hospital_of(*found);
    Page page{.title = say(reader.language, Word::LetterTitle, {{"hospital", first}}),
              .body = {},
              .back = "/portal/sharing"};
    HtmlWriter& out = page.body;
    paragraph(out, reader, Word::LetterHint);
    const auto items = opinion->items(opinion->versions() - 1);
    if (!std::ranges::all_of(items, is_shown)) paragraph(out, reader, Word::LetterFiles);
    out.markup("<div class=\"letter\">\n");
    paragraph(out, reader, Word::LetterTo, {{"hospital", first}});
    paragraph(
        out, reader, Word::LetterText,
        {{"clinic", clinic_of(*found)}, {"date", date_words(reader.language, opinion->taken())}});
    // The record is wiped after a while; then the patient writes it by hand.
    if (auto bundle = parts_of(*found).open(Part::Bundle)) {
        const Person person = person_in(*std::move(bundle));
        if (!person.name.empty())
            paragraph(
                out, reader, Word::LetterName,
                {{"name", person.name}, {"date", date_words(reader.language, person.birth_date)}});
    }
    put(out.markup("</div>\n<h2>"), reader, Word::OpinionTitle).markup("</h2>\n");
    write_version(out, reader, *opinion, opinion->versions() - 1, "");
    return send_page(reader, std::move(page));
}

}  // namespace consultd::portal
