#include "adapter/stages/deliver/content.h"

#include <algorithm>
#include <array>

#include "fhir/base/clock.h"
#include "fhir/decimal.h"
#include "fhir/narrative.h"
#include "fhir/reference.h"
#include "fhir/terminology/system_uris.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

// Of a longer list the order must have stayed: to look for each item everywhere would not end.
constexpr std::size_t list_any_order_max = 200;

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

// A resource's own, which its server sets; its name is compared by look().
bool is_the_servers(std::string_view name) {
    constexpr std::array<std::string_view, 5> names{"resourceType", "id", "meta", "identifier",
                                                    "implicitRules"};
    return is_one_of(name, names);
}

// What the receiver's people change by their work on it.
bool is_worked_on(std::string_view type, std::string_view name) {
    constexpr std::array<std::string_view, 6> of_task{
        "status", "businessStatus", "statusReason", "lastModified", "executionPeriod", "owner"};
    return (type == "Task" && is_one_of(name, of_task)) ||
           (type == "ServiceRequest" && name == "status");
}

// What says nothing that is not said beside it, in `whole`: a server puts its own there, or none. A
// display, or a unit, that stands by itself is all that is said.
bool is_beside(std::string_view name, JsonView whole) {
    const bool has_code = whole["code"].is_string();
    if (name == "display")
        return has_code || whole["reference"].is_string() || whole["identifier"].is_object();
    if (name == "unit") return has_code && whole["system"].is_string();
    return name == "extension" || name.starts_with('_');
}

bool is_narrative(std::string_view name, JsonView value) {
    return name == "text" && value.is_object();
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string without_space(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (!is_space(c)) out += c;
    return out;
}

// Words as they are told apart, by however much.
std::string spaced_once(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (!is_space(c)) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

bool is_base64(std::string_view name) {
    return name == "data" || name == "hash" || name == "valueBase64Binary";
}

std::string system_named(std::string_view uri) {
    const auto canonical = fhir::canonical_system(uri);
    return canonical ? canonical->uri : std::string(uri);
}

// Without the zeros of a fraction: "10:00:00.000".
std::string_view without_zeros(std::string_view time) {
    if (time.size() < 8 || time[2] != ':' || time.find('.') == std::string_view::npos) return time;
    while (time.ends_with('0')) time.remove_suffix(1);
    if (time.ends_with('.')) time.remove_suffix(1);
    return time;
}

// A time may be told in another zone, or with more digits; base64 in lines; a code system by
// another of its names. https://hl7.org/fhir/R4/terminologies-systems.html
bool is_same_text(std::string_view ours, std::string_view theirs, std::string_view name) {
    if (ours == theirs) return true;
    if (is_base64(name)) return without_space(ours) == without_space(theirs);
    if (name == "system") return system_named(ours) == system_named(theirs);
    const auto our_time = parse_instant(ours), their_time = parse_instant(theirs);
    return (our_time && our_time == their_time) || without_zeros(ours) == without_zeros(theirs) ||
           spaced_once(ours) == spaced_once(theirs);
}

// Words of a narrative that were cut off, with or without a sign that they were.
bool is_cut(std::string_view ours, std::string_view theirs) {
    for (const std::string_view sign : {"...", "\u2026"})
        if (theirs.ends_with(sign)) theirs.remove_suffix(sign.size());
    return theirs.size() < ours.size() && ours.starts_with(theirs);
}

// A server's own narrative, or none, leaves out nothing that the elements do not say; one that was
// cut does. `AsSent`: one that says more than they do, and what somebody attests to in a document.
// https://hl7.org/fhir/R4/valueset-narrative-status.html,
// https://hl7.org/fhir/R4/documents.html#presentation
enum class Narrative { MayBeTheirs, AsSent };
bool is_narrative_said(JsonView ours, JsonView theirs, Narrative narrative) {
    const std::string_view our_div = ours["div"].string(), their_div = theirs["div"].string();
    if (our_div == their_div) return true;
    const bool is_as_sent =
        narrative == Narrative::AsSent || ours["status"].string() == "additional";
    if (their_div.empty()) return !is_as_sent;
    const Result<std::string> sent = fhir::narrative_text(our_div);
    const Result<std::string> there = fhir::narrative_text(their_div);
    if (!sent || !there) return !sent && !is_as_sent;
    const std::string our_words = spaced_once(*sent), their_words = spaced_once(*there);
    if (our_words == their_words) return true;
    return !is_as_sent && (their_words.empty() || !is_cut(our_words, their_words));
}

// As https://www.rfc-editor.org/rfc/rfc9110#media.type names it, without parameters; JSON of FHIR
// is called by several names.
std::string media_type(std::string_view text) {
    std::string type;
    for (const char c : text.substr(0, text.find(';')))
        if (!is_space(c)) type += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_json = type == "application/json" || type == "application/json+fhir";
    return is_json ? "application/fhir+json" : type;
}

bool is_same_number(std::string_view ours, std::string_view theirs) {
    const auto one = fhir::Decimal::parse(ours), other = fhir::Decimal::parse(theirs);
    return ours == theirs || (one && other && *one == *other);
}

class Comparing {
public:
    Comparing(const std::map<std::string, std::size_t, std::less<>>& by_name, std::size_t place,
              const Account& account, SentContent::Places places)
        : by_name_(by_name), place_(place), account_(account), places_(places) {}

    // What `ours` says, `theirs` says; `name`: of the element that both are. What is in a
    // document's entry has its name in the fullUrl, and its id is the server's:
    // https://hl7.org/fhir/R4/bundle.html#bundle-unique
    enum class Is { Element, InEntry };
    bool is_said(JsonView ours, JsonView theirs, std::string_view name, Is is = Is::Element) const {
        if (ours.is_string())
            return theirs.is_string() && is_same_text(ours.string(), theirs.string(), name);
        if (ours.is_number())
            return theirs.is_number() && is_same_number(ours.number(), theirs.number());
        if (ours.is_array()) return is_list_said(ours, theirs, name);
        if (!ours.is_object()) return ours.is_true() == theirs.is_true();
        if (!theirs.is_object()) return false;
        if (ours["reference"].is_string())
            return leads_there(ours["reference"], theirs["reference"]);
        return std::ranges::all_of(ours.members(), [&](const fhir::JsonMember& member) {
            return is_member_said(ours, theirs, member, is);
        });
    }

    bool is_member_said(JsonView ours, JsonView theirs, const fhir::JsonMember& member,
                        Is is) const {
        if (is_narrative(member.name(), member.value))
            return is_narrative_said(member.value, theirs[member.name()],
                                     is_of_document() ? Narrative::AsSent : Narrative::MayBeTheirs);
        if (is_beside(member.name(), ours)) return true;
        // An element's id is for whoever wrote it; a contained resource is referred to by its own.
        const bool is_own_id = is == Is::Element && ours.has("resourceType");
        if (member.name() == "id" && !is_own_id) return true;
        const bool is_resource = member.name() == "resource" && ours.has("fullUrl");
        const bool is_link = member.name() == "url" && by_name_.contains(member.value.string());
        const JsonView there = theirs[member.name()];
        return is_link ? leads_there(member.value, there)
                       : is_said(member.value, there, member.name(),
                                 is_resource ? Is::InEntry : Is::Element);
    }

private:
    bool is_of_document() const { return account_.entries[place_].type == "Bundle"; }

    bool is_list_said(JsonView ours, JsonView theirs, std::string_view name) const {
        const auto our_items = ours.items(), their_items = theirs.items();
        if (our_items.size() > their_items.size()) return false;
        for (std::size_t i = 0; i < our_items.size(); ++i) {
            if (is_said(our_items[i], their_items[i], name)) continue;
            const bool is_elsewhere = our_items.size() <= list_any_order_max &&
                                      std::ranges::any_of(their_items, [&](const JsonView& one) {
                                          return is_said(our_items[i], one, name);
                                      });
            if (!is_elsewhere) return false;
        }
        return true;
    }

    // Whose chart it is, is compared by look(): a server may have several of one person.
    bool leads_there(JsonView ours, JsonView theirs) const {
        const auto found = by_name_.find(ours.string());
        if (found == by_name_.end()) return is_other_said(ours.string(), theirs.string());
        const AccountEntry& target = account_.entries[found->second];
        // What went before its target keeps no more than an identifier of it.
        const bool went_before =
            found->second > place_ && target.request != account_.entries[place_].request;
        if (!theirs.is_string()) return went_before;
        if (places_ == SentContent::Places::MayBeUnknown) return true;
        const fhir::Reference named = fhir::Reference::parse(theirs.string());
        return named.type == target.type &&
               (target.type == "Patient" || named.key() == target.location);
    }

    static bool is_other_said(std::string_view ours, std::string_view theirs) {
        const fhir::Reference named = fhir::Reference::parse(theirs);
        const fhir::Reference meant = fhir::Reference::parse(ours);
        if (meant.type.empty()) return ours == theirs;
        return named.type == meant.type && (named.type == "Patient" || named.id == meant.id);
    }

    const std::map<std::string, std::size_t, std::less<>>& by_name_;
    const std::size_t place_;
    const Account& account_;
    const SentContent::Places places_;
};

}  // namespace

SentContent::SentContent(const Json& transaction) : transaction_(transaction) {
    const auto entries = transaction["entry"].items();
    for (std::size_t i = 0; i < entries.size(); ++i)
        by_name_.emplace(entries[i]["fullUrl"].string(), i);
}

bool SentContent::is_said_by(JsonView there, std::size_t place, const Account& account,
                             Places places) const {
    const auto entries = transaction_["entry"].items();
    if (place >= entries.size()) return true;
    const JsonView ours = entries[place]["resource"];
    const std::string_view type = ours["resourceType"].string();
    if (type == "Patient") return true;
    const Comparing comparing(by_name_, place, account, places);
    // https://hl7.org/fhir/R4/security-labels.html: who loses them shows it to whom it is not for.
    if (!comparing.is_said(ours["meta"]["security"], there["meta"]["security"], "security"))
        return false;
    if (type == "Binary") return is_of_type(there["contentType"].string(), place);
    return std::ranges::all_of(ours.members(), [&](const fhir::JsonMember& member) {
        const bool is_skipped = is_the_servers(member.name()) || is_worked_on(type, member.name());
        return is_skipped || comparing.is_member_said(ours, there, member, Comparing::Is::Element);
    });
}

bool SentContent::is_of_type(std::string_view content_type, std::size_t place) const {
    const auto entries = transaction_["entry"].items();
    return place >= entries.size() ||
           media_type(entries[place].at("resource", "contentType").string()) ==
               media_type(content_type);
}

}  // namespace consultd
