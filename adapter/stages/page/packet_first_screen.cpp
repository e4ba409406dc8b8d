// The first screen: who, the question, from and to, the one-page summary beside what is missing.
#include <algorithm>

#include "adapter/stages/page/packet_page.h"
#include "adapter/stages/reading/person.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::string_view interpreter_url =
    "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired";

// Years from a birth date to a moment; of a partial date both ages that it can mean.
std::string age_text(std::string_view born_text, Instant at) {
    const auto born = fhir::Datetime::parse(born_text);
    if (!born) return {};
    if (born->earliest() > at) return "in the future";
    const auto now = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(at));
    const int years = static_cast<int>(now.year()) - born->year();
    const int month = static_cast<int>(static_cast<unsigned>(now.month()));
    const int day = static_cast<int>(static_cast<unsigned>(now.day()));
    if (born->month() == 0 || (born->day() == 0 && born->month() == month))
        return std::to_string(years - 1) + " or " + std::to_string(years) + " years";
    const bool is_before = month < born->month() || (month == born->month() && day < born->day());
    return std::to_string(is_before ? years - 1 : years) + " years";
}

void write_identifiers(HtmlWriter& out, JsonView patient, Instant now) {
    std::vector<std::string_view> shown;
    for (const JsonView& identifier : identifiers_by_use(patient["identifier"], now)) {
        const std::string_view value = identifier["value"].string();
        const bool is_record = has_code(identifier["type"], "MR");
        const bool is_private =
            has_code(identifier["type"], "SS") || has_code(identifier["type"], "SB") ||
            has_code(identifier["type"], "DL") || has_code(identifier["type"], "PPN");
        const bool is_second = !shown.empty() && !is_record;
        const bool repeats = std::find(shown.begin(), shown.end(), value) != shown.end();
        if (is_private || is_second || repeats || shown.size() == 2 || value.empty()) continue;
        shown.push_back(value);
        write_fact(out, is_record ? StaticText("Record no.") : StaticText("Identifier"), [&] {
            out.own(value);
            if (is_past(identifier, now)) out.markup(" <span class=\"amber\">of the past</span>");
        });
    }
}

// The names beside the first, each with what it is used for.
void write_other_names(HtmlWriter& out, JsonView patient, Instant now) {
    const std::vector<JsonView> names = names_by_use(patient["name"], now);
    for (std::size_t i = 1; i < names.size(); ++i)
        write_fact(out, "Also named", [&] {
            out.own(name_text(names[i]));
            if (const std::string_view use = names[i]["use"].string(); !use.empty())
                out.markup(" (").own(use).markup(")");
            if (const std::string_view end = names[i]["period"]["end"].string(); !end.empty())
                out.markup(", until ").date(end);
        });
}

void write_languages(HtmlWriter& out, JsonView patient) {
    const auto languages = patient["communication"].items();
    if (!languages.empty())
        write_fact(out, languages.size() > 1 ? StaticText("Languages") : StaticText("Language"),
                   [&] {
                       for (std::size_t i = 0; i < languages.size(); ++i) {
                           if (i > 0) out.markup(", ");
                           out.own(concept_text(languages[i]["language"]));
                           if (languages[i]["preferred"].is_true()) out.markup(" (preferred)");
                       }
                   });
    for (const JsonView& extension : patient["extension"].items())
        if (extension["url"].string() == interpreter_url)
            write_fact(out, "Interpreter", [&] {
                out.markup(extension["valueBoolean"].is_true() ? StaticText("required")
                                                               : StaticText("not required"));
            });
}

// How somebody is reached: the first phone and e-mail address that are said.
void write_contact(HtmlWriter& out, JsonView somebody) {
    for (const std::string_view system : {"phone", "email"})
        for (const JsonView& contact : somebody["telecom"].items())
            if (contact["system"].string() == system) {
                out.markup(", ").own(contact["value"].string());
                break;
            }
}

// Who keeps the record and who cares for the patient there.
void write_team(HtmlWriter& out, const PageParts& parts) {
    const fhir::Resource& patient = parts.patient->resource();
    const auto write = [&](StaticText label, JsonView reference) {
        const std::string name = reference_text(reference, patient.json(), parts.index);
        if (name.empty()) return;
        write_fact(out, label, [&] {
            out.own(name);
            write_contact(out, parts.index.resolve(reference, patient.json()));
        });
    };
    write("Record of", patient["managingOrganization"]);
    for (const JsonView& doctor : patient["generalPractitioner"].items())
        write("General practitioner", doctor);
}

void write_place(HtmlWriter& out, StaticText label, std::string_view name) {
    out.markup("<div><dt>").text(label.view()).markup("</dt><dd>");
    if (name.empty())
        out.markup("<span>not recorded</span>");
    else
        out.markup("<b>").own(name).markup("</b>");
    out.markup("</dd></div>\n");
}

void write_question(HtmlWriter& out, PageParts& parts) {
    const Request& request = parts.page.input.request;
    out.markup("<div class=\"ask\"><div><h2>Question");
    if (!request.specialty.empty()) out.markup(": <b>").text(request.specialty).markup("</b>");
    if (request.question.empty()) {
        out.markup("</h2><p class=\"note\">No question was written.</p></div>\n");
    } else {
        out.markup(" · in the patient’s words");
        parts.cite_question(out);
        out.markup("</h2>\n<blockquote dir=\"auto\">").text(request.question);
        out.markup("</blockquote></div>\n");
    }
    out.markup("<dl class=\"route\">\n");
    write_place(out, "From", request.source_name);
    write_place(out, "To", request.destination_name);
    out.markup("<div><dt>Made</dt><dd><b>");
    out.date(format_date_time(request.as_of), true).markup(" UTC</b></dd></div></dl>\n</div>\n");
}

void write_receipt(HtmlWriter& out, const PageParts& parts) {
    const PacketInput& input = parts.page.input;
    out.markup("<p class=\"receipt\"><span><b>Packet</b> <span class=\"was\">")
        .text(input.request.transfer_id);
    out.markup("</span></span><span><b>Document</b> <span class=\"was\">")
        .text(parts.page.identifier);
    out.markup("</span></span><span><b>Holds</b> ");
    out.text(count_note(parts.reading.resources().size(), "record", "records"));
    out.markup("</span><span><b>Handed over</b> ");
    if (input.gaps.empty() && input.is_from_files)
        out.markup("files; what else the hospital has is not known");
    else if (input.gaps.empty())
        out.markup("all that was asked for");
    else
        out.markup("in part: ")
            .text(count_note(input.gaps.size(), "thing", "things"))
            .markup(" not handed over");
    out.markup("</span></p>\n");
}

}  // namespace

void write_who(HtmlWriter& out, PageParts& parts) {
    const Request& request = parts.page.input.request;
    const fhir::Resource& patient = parts.patient->resource();
    out.markup(
        "<div class=\"page\" role=\"banner\">\n<p class=\"top\"><span>Consult packet for a second "
        "opinion");
    if (!request.specialty.empty()) out.markup(" · ").text(request.specialty);
    out.markup("</span><span>made ").date(format_date_time(request.as_of), true);
    out.markup(" UTC</span></p>\n<div class=\"who\"><h1>");
    const std::string name = current_name(patient.json(), request.as_of);
    out.own(name.empty() ? "Name not recorded" : name).markup("</h1>\n<dl>");
    const std::string_view born = patient["birthDate"].string();
    const std::string deceased = choice_text(choice_of(patient.json(), "deceased"));
    const bool is_dead = !deceased.empty() && deceased != "false";
    write_fact(out, "Born", [&] {
        if (born.empty())
            out.markup("not recorded");
        else
            out.date(born);
        if (!born.empty() && !is_dead) out.markup(", ").text(age_text(born, request.as_of));
        parts.cite(out, *parts.patient);
    });
    if (is_dead)
        write_fact(out, "Deceased", [&] { out.own(deceased == "true" ? "yes" : deceased); });
    write_fact(out, "Sex", [&] {
        const std::string_view sex = patient["gender"].string();
        out.own(sex.empty() ? "not recorded" : sex);
    });
    write_identifiers(out, patient.json(), request.as_of);
    write_other_names(out, patient.json(), request.as_of);
    write_languages(out, patient.json());
    write_team(out, parts);
    write_fact(out, "Allergies", [&] { write_allergies(out, parts); });
    write_alerts(out, parts);
    out.markup("</dl></div>\n</div>\n");
}

void write_first_screen(HtmlWriter& out, PageParts& parts) {
    write_question(out, parts);
    write_notice(out, parts);
    out.markup("<div class=\"two\" id=\"sum\">\n");
    write_summary(out, parts);
    write_missing(out, parts);
    out.markup("</div>\n");
    write_receipt(out, parts);
}

}  // namespace consultd
