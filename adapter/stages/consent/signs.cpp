#include "adapter/stages/consent/signs.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "adapter/stages/consent/plain_text.h"
#include "fhir/base/ascii.h"
#include "fhir/base/crypto.h"
#include "fhir/r4/facts.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;
using SignList = Sensitivity::Signs;

constexpr std::size_t remembered_max = 200;  // bytes of a text

// What names no matter: who, where in the web, in which unit. A narrative is the source's telling
// of the rest, and is decided with all others; a vaccine is everybody's.
constexpr std::array<std::string_view, 27> silent = {
    "address", "authenticator", "birthDate",     "contact",      "contentType", "fullUrl", "hash",
    "id",      "identifier",    "implicitRules", "language",     "lastUpdated", "linkId",  "meta",
    "photo",   "profile",       "reference",     "resourceType", "sourceUrl",   "status",  "system",
    "telecom", "url",           "use",           "versionId",    "vaccineCode", "when"};
// Of these, what is made of words often enough: "/files/hiv_genotype.pdf", "methadone-visit-3",
// "text/plain; name=hiv.txt".
constexpr std::array<std::string_view, 6> addresses = {"contentType", "id",        "identifier",
                                                       "linkId",      "sourceUrl", "url"};
// What a code in it says is how, where and in which form.
constexpr std::array<std::string_view, 8> modes = {
    "bodySite", "form", "interpretation", "method", "relationship", "route", "site", "vaccineCode"};
// Names of things; the words beside them are somebody's own.
constexpr std::array<std::string_view, 6> naming = {"display", "text",  "title",
                                                    "name",    "label", "alias"};
// Members that hold somebody's own words, whatever these are called inside.
constexpr std::array<std::string_view, 7> noting = {
    "note", "annotation", "dosageInstruction", "dosage", "payload", "progress", "answer"};
constexpr std::array<std::string_view, 4> drugs = {"medicationCodeableConcept", "ingredient",
                                                   "medicationReference", "medication"};
// A person may be called Gay; what a reference to one displays is taken out by itself.
constexpr std::array<std::string_view, 16> persons = {
    "actor",       "asserter",   "attester",          "author",
    "enterer",     "individual", "informationSource", "patient",
    "participant", "performer",  "practitioner",      "recorder",
    "requester",   "sender",     "subject",           "who"};

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::ranges::find(names, name) != names.end();
}

// Systems of HL7's own say how a resource stands, not what it is about; units say nothing.
bool is_silent_system(std::string_view system) {
    return system.starts_with("http://unitsofmeasure.org") || system.starts_with("urn:ietf:") ||
           system.starts_with("urn:iso:") ||
           system.starts_with("http://terminology.hl7.org/CodeSystem/observation") ||
           (system.starts_with("http://hl7.org/fhir/") &&
            !system.starts_with("http://hl7.org/fhir/sid/")) ||
           system == "http://hl7.org/fhir/sid/cvx";
}
bool is_hl7_system(std::string_view system) {
    return is_silent_system(system) || system.starts_with("http://terminology.hl7.org/");
}
// One that a site made for itself: its codes are often words.
bool is_own_system(std::string_view system) {
    return system.empty() || system.starts_with("urn:oid:") || system.starts_with("urn:local") ||
           !(system.starts_with("http://snomed") || system.starts_with("http://loinc") ||
             system.starts_with("http://www.") || system.starts_with("http://hl7.org") ||
             system.starts_with("http://terminology.hl7.org") ||
             system.starts_with("http://unitsofmeasure"));
}

void add(const SignList& found, SignList& signs, Sensitivity::Level at_most) {
    for (const Sensitivity::Sign& sign : found) {
        const Sensitivity::Level level = std::min(sign.level, at_most);
        const auto same = std::ranges::find_if(signs, [&](const Sensitivity::Sign& other) {
            return other.row->label == sign.row->label && other.row->topic == sign.row->topic &&
                   other.row->otherwise == sign.row->otherwise;
        });
        if (same == signs.end())
            signs.push_back({sign.row, level});
        else if (same->level < level ||
                 (same->level == level && sign.row->is_place && !same->row->is_place))
            *same = {sign.row, level};
    }
}

// What a whole record begins like: FHIR in JSON or XML, a C-CDA, HL7 v2, an archive. Empty: none.
std::string_view record_type_of(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, std::size_t{16} << 10);
    if (head.starts_with("PK\x03\x04")) return "application/zip";
    if (head.find("<ClinicalDocument") != head.npos || head.find("urn:hl7-org:v3") != head.npos ||
        head.find("http://hl7.org/fhir") != head.npos)
        return "application/xml";
    if (head.find("\"resourceType\"") != head.npos) return "application/fhir+json";
    if (head.find("MSH|") < 4) return "x-application/hl7-v2+er7";
    return {};
}

bool has_letters(std::string_view text) {
    return std::ranges::any_of(
        text, [](unsigned char letter) { return letter >= 0x80 || std::isalpha(letter) != 0; });
}

// It may say more than its letters do at first sight: it is marked up, holds signs that nobody
// sees, is quoted-printable or escaped, or has a word that is long enough to be base64.
bool may_be_respelled(std::string_view text) {
    constexpr std::size_t file_min = 24;  // as in stages/text/embedded
    if (text.find_first_of("<&{=%\\\xc2\xe2") != text.npos) return true;
    std::size_t run = 0;
    return std::ranges::any_of(text, [&](unsigned char letter) {
        run = std::isalnum(letter) != 0 || letter == '+' || letter == '/' ? run + 1 : 0;
        return run >= file_min;
    });
}

std::string_view name_of(JsonView concept_value) {
    const std::string_view text = concept_value["text"].string();
    if (has_letters(text)) return text;
    for (const JsonView coding : concept_value["coding"].items())
        if (has_letters(coding["display"].string())) return coding["display"].string();
    return {};
}

std::string key_of(std::string_view system, std::string_view code) {
    return std::string(system).append("|").append(code);
}

}  // namespace

void Signs::add_name(JsonView coding, std::string_view name) {
    std::vector<std::string>& known =
        names_[key_of(coding["system"].string(), coding["code"].string())];
    for (const std::string_view one : {name, coding["display"].string()})
        if (has_letters(one) && known.size() < names_max &&
            std::ranges::find(known, one) == known.end())
            known.emplace_back(one);
}

void Signs::learn_names(JsonView value) {
    if (value.is_object() && value["coding"].is_array())
        if (const std::string_view name = name_of(value); !name.empty())
            for (const JsonView coding : value["coding"].items())
                if (coding["code"].is_string()) add_name(coding, name);
    for (const fhir::JsonMember& member : value.members())
        if (member.value.is_object() || member.value.is_array()) learn_names(member.value);
    for (const JsonView item : value.items()) learn_names(item);
}

std::string_view Signs::name_in_record(std::string_view system, std::string_view code) const {
    const auto name = names_.find(key_of(system, code));
    return name == names_.end() ? std::string_view() : std::string_view(name->second.front());
}

const SignList& Signs::of_code(std::string_view system, std::string_view code) {
    std::string key = key_of(system, code);
    auto found = by_code_.find(key);
    if (found != by_code_.end()) return found->second;
    SignList signs = sensitivity_.of_code(system, code);
    // Its name elsewhere says what it is.
    if (const auto name = names_.find(key); name != names_.end())
        add(sensitivity_.of_name(name->second.front()), signs, Sensitivity::Level::Certain);
    if (is_own_system(system) && has_letters(code))
        add(sensitivity_.of_label(code), signs, Sensitivity::Level::Likely);
    return by_code_.emplace(std::move(key), std::move(signs)).first->second;
}

const SignList& Signs::of_name(std::string_view text, bool is_medicine) {
    Map<SignList>& known = is_medicine ? by_medicine_ : by_name_;
    if (const auto found = known.find(text); found != known.end()) return found->second;
    return known.emplace(text, sensitivity_.of_name(text, is_medicine)).first->second;
}

const SignList& Signs::of_text(std::string_view text) {
    if (text.size() > remembered_max) return last_ = sensitivity_.of_text(text);
    if (const auto found = by_text_.find(text); found != by_text_.end()) return found->second;
    return by_text_.emplace(text, sensitivity_.of_text(text)).first->second;
}

const SignList& Signs::of_label(std::string_view text) {
    // Many numbers make each one of its own: not worth remembering.
    constexpr std::ptrdiff_t digits_max = 3;
    if (std::ranges::count_if(text, is_ascii_digit) > digits_max)
        return last_ = sensitivity_.of_label(text);
    if (const auto found = by_label_.find(text); found != by_label_.end()) return found->second;
    return by_label_.emplace(text, sensitivity_.of_label(text)).first->second;
}

void Signs::read_text(std::string_view text, const Place& place, Content& content) {
    if (text.size() < 2 || !has_letters(text)) return;
    if (may_be_respelled(text))
        if (const auto plain = plain_text_of(text))
            add(of_text(*plain), content.implied, Sensitivity::Level::Certain);
    const bool is_name =
        !place.is_note && text.size() <= remembered_max && is_one_of(place.member, naming);
    add(is_name ? of_name(text, place.is_medicine) : of_text(text), content.implied,
        Sensitivity::Level::Certain);
    // A concept's text may be its code: "B20".
    constexpr std::size_t code_max = 8;
    if (is_name && place.member == "text" && text.size() <= code_max)
        add(of_text(text), content.implied, Sensitivity::Level::Certain);
}

void Signs::read_data(std::string_view base64, std::string_view content_type, Content& content) {
    const auto bytes = crypto::from_base64(base64, crypto::WhiteSpace::Skip);
    // By what it is, whatever it is said to be.
    if (bytes)
        if (const std::string_view copy = record_type_of(*bytes); !copy.empty())
            content.mime_types.push_back(copy);
    const std::string_view parameters =
        content_type.substr(std::min(content_type.find(';'), content_type.size()));
    const auto text = bytes ? plain_text_of(*bytes, parameters) : std::nullopt;
    if (text)
        add(of_text(*text), content.implied, Sensitivity::Level::Certain);
    else
        content.has_unreadable = true;
}

// Nobody is called a programme for substance use: who did something there, did it at one.
void Signs::read_person(std::string_view display, Content& content) {
    const SignList& signs = of_name(display);
    displays_betray_ |= !signs.empty();
    for (const Sensitivity::Sign& sign : signs)
        if (sign.row->is_place && sign.row->label == "SUD")
            add({sign}, content.implied, Sensitivity::Level::Certain);
}

void Signs::read_object(JsonView object, const Place& place, Content& content) {
    if (object["code"].is_string() && !is_hl7_system(object["system"].string()))
        add(of_code(object["system"].string(), object["code"].string()), content.implied,
            Sensitivity::Level::Certain);
    else if (object["code"].is_string() && !is_silent_system(object["system"].string()))
        add(sensitivity_.of_code(object["system"].string(), object["code"].string()),
            content.implied, Sensitivity::Level::Certain);
    const bool is_person =
        is_one_of(place.member, persons) && (object.has("reference") || object.has("display"));
    for (const fhir::JsonMember& member : object.members()) {
        const std::string_view name = member.name();
        if (name == "data" && member.value.is_string()) {
            read_data(member.value.string(), object["contentType"].string(), content);
            continue;
        }
        // A resource's own, which goes where it betrays something; what stands in the sections of a
        // document is the document.
        const bool is_whole = place.member.empty() || place.member == "contained";
        const bool is_narrative = is_whole && name == "text" && member.value.has("div");
        const bool is_human_name = name == "name" && !member.value.is_string();
        const bool is_code = name == "code" && member.value.is_string();
        if (is_one_of(name, addresses) || name.ends_with("Identifier"))
            read_address(member.value, content);
        if (is_whole && name == "meta") read_meta(member.value, content);
        if (name == "reference") displays_betray_ |= !of_reference(object).empty();
        if (is_narrative || is_human_name || is_code || is_one_of(name, silent)) continue;
        if (is_person && name == "display") {
            read_person(member.value.string(), content);
            continue;
        }
        read_value(member.value,
                   {name, place.is_medicine || is_one_of(name, drugs),
                    place.is_note || is_one_of(name, noting)},
                   content);
    }
}

// Each part of an address, and any of a name that is none: words, unless it is a number.
void Signs::read_address(JsonView value, Content& content) {
    for (const JsonView item : value.items()) read_address(item, content);
    for (const fhir::JsonMember& member : value.members())
        if (member.name() == "value" || member.name() == "system" || member.name() == "display")
            read_address(member.value, content);
    read_address(value.string(), content);
}

void Signs::read_address(std::string_view text, Content& content) {
    if (is_silent_system(text)) return;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find_first_of("/?#&="));
        read_address_part(part, content);
        text.remove_prefix(std::min(part.size() + 1, text.size()));
    }
}

void Signs::read_address_part(std::string_view text, Content& content) {
    if (const std::size_t colon = text.rfind(':'); colon != text.npos)
        text.remove_prefix(colon + 1);
    const bool is_number = text.find_first_not_of("0123456789abcdefABCDEF-") == text.npos;
    if (text.empty() || is_number || text.size() > remembered_max) return;
    add(of_label(text), content.implied, Sensitivity::Level::Likely);
}

// Most ids are words with numbers, and many have the same words: long numbers are one.
void Signs::read_source(std::string_view source, Content& content) {
    constexpr std::size_t digits_max = 2;
    if (content.type == "Patient") return;
    std::string form;
    std::size_t digits = 0;
    for (const char letter : without_number(source).substr(source.find('/') + 1)) {
        digits = is_ascii_digit(letter) ? digits + 1 : 0;
        if (digits <= digits_max) form += letter;
    }
    read_address_part(form, content);
}

// What it is an instance of, which system sent it, how that one marked it.
void Signs::read_meta(JsonView meta, Content& content) {
    for (const JsonView profile : meta["profile"].items()) read_address(profile, content);
    const std::string_view source = meta["source"].string();
    // What is behind "#" there, servers make at random.
    read_address(source.substr(0, source.find('#')), content);
    for (const JsonView tag : meta["tag"].items()) {
        read_address(tag, content);
        read_address(tag["code"], content);
    }
}

SignList Signs::of_reference(JsonView reference) {
    Content content;
    read_address(reference["reference"], content);
    read_address(reference["identifier"], content);
    add(of_name(reference["display"].string()), content.implied, Sensitivity::Level::Certain);
    return content.implied;
}

void Signs::read_value(JsonView value, const Place& place, Content& content) {
    if (value.is_string()) return read_text(value.string(), place, content);
    if (value.is_object()) return read_object(value, place, content);
    for (const JsonView item : value.items()) {
        // What stands in a list is called as the list; texts in one are read as its names.
        read_value(item, place, content);
    }
}

bool Signs::is_unknown(JsonView concept_value) const {
    const auto codings = concept_value["coding"].items();
    if (codings.empty() || !name_of(concept_value).empty()) return false;
    return std::ranges::all_of(codings, [&](JsonView coding) {
        const std::string_view system = coding["system"].string(), code = coding["code"].string();
        return !code.empty() && !is_hl7_system(system) && !sensitivity_.knows(system, code) &&
               !names_.contains(key_of(system, code));
    });
}

// Of what the resource is about, why it was done, what was found, in each of its parts.
void Signs::find_unknown(JsonView value, Content& content) const {
    if (value.is_object() && value["coding"].is_array()) {
        content.has_unknown_code |= is_unknown(value);
        return;
    }
    for (const JsonView item : value.items()) find_unknown(item, content);
    for (const fhir::JsonMember& member : value.members())
        if (!is_one_of(member.name(), silent) && !is_one_of(member.name(), modes) &&
            member.name() != "contained" && member.name() != "text")
            find_unknown(member.value, content);
}

// "us-core-genderIdentity" says as much as its value.
SignList Signs::of_extension(JsonView extension) {
    Content content;
    read_object(extension, {}, content);
    const std::string_view url = extension["url"].string();
    const std::size_t slash = url.find_last_of("/:");
    add(sensitivity_.of_label(slash == url.npos ? url : url.substr(slash + 1)), content.implied,
        Sensitivity::Level::Certain);
    return content.implied;
}

// The words of a URL too.
void Signs::add_words(JsonView value, SignList& signs) {
    if (value.is_string() && has_letters(value.string())) {
        std::string words(value.string().substr(0, remembered_max));
        for (char& letter : words)
            if (letter == '/' || letter == '-' || letter == '_' || letter == '.') letter = ' ';
        add(of_name(value.string()), signs, Sensitivity::Level::Certain);
        add(sensitivity_.of_name(words), signs, Sensitivity::Level::Certain);
    }
    for (const JsonView item : value.items()) add_words(item, signs);
    for (const fhir::JsonMember& member : value.members())
        if (member.name() != "data") add_words(member.value, signs);
}

SignList Signs::of_words(JsonView value) {
    SignList signs;
    add_words(value, signs);
    Content content;
    read_value(value, {}, content);
    add(content.implied, signs, Sensitivity::Level::Certain);
    return signs;
}

void Signs::read(JsonView resource, Content& content) {
    if (content.type == "Patient") return;
    read_object(resource, {{}, content.type == "Medication", false}, content);
    weigh(resource, content);
    find_unknown(resource, content);
}

}  // namespace consultd::consent
