#include "adapter/stages/consent/filter.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

#include "adapter/stages/consent/first_opinion.h"
#include "adapter/stages/consent/plain_person.h"
#include "adapter/stages/consent/plain_text.h"
#include "adapter/stages/consent/relations.h"
#include "fhir/reference.h"

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;

// Members that hold what somebody wrote or concluded, wherever in a resource they stand.
constexpr std::array<std::string_view, 20> free_text = {
    "attachment",    "basis",       "comment", "conclusion",    "conclusionCode",
    "contentString", "description", "detail",  "event",         "item",
    "mitigation",    "note",        "payload", "prediction",    "presentedForm",
    "progress",      "rationale",   "summary", "valueMarkdown", "valueString"};

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_free_text(const fhir::JsonMember& member) {
    constexpr auto tags = [] {
        std::array<std::uint16_t, free_text.size()> made{};
        std::ranges::transform(free_text, made.begin(), JsonView::tag_of);
        return made;
    }();
    return std::ranges::find(tags, member.tag()) != tags.end() &&
           is_one_of(member.name(), free_text);
}

// The rules themselves say that it is for what it says, when that was, or for itself.
bool is_matter(const Decision& decision) {
    if (decision.is_permitted) return false;
    const std::string_view reason = decision.reason;
    return decision.misses_label || reason == "code-denied" || reason == "instance-denied" ||
           (reason == "period" && decision.is_by_rule) || reason.starts_with("sensitivity:") ||
           reason.starts_with("confidentiality:");
}

// "provision.provision[1]; SUD.opioid likely (words: own list)": the rule, and what was decided on.
std::string why_of(const Decision& decision) {
    constexpr std::string_view levels[] = {" possible", " likely", " certain"};
    std::string why = decision.rule;
    for (const Sensitivity::Sign& sign : decision.betrays) {
        if (!why.empty()) why += "; ";
        why += sign.row->label;
        if (!sign.row->topic.empty()) why += "." + sign.row->topic;
        why += levels[static_cast<std::size_t>(sign.level)];
        why += " (" + sign.row->file + ": " + sign.row->source + ")";
    }
    return why;
}

// A List and a Composition lose the entries that name the withheld, a Provenance its targets; what
// was written about all entries cannot be told apart.
bool loses_only_entries(const fhir::Resource& resource) {
    if (resource.type() == "List") return !resource.json().has("note");
    return resource.type() == "Provenance" || resource.type() == "Composition";
}

}  // namespace

// The reason is in what the resource says, not in whose or what kind it is.
bool Filter::Item::is_about_content() const { return is_matter || reason == "names-withheld"; }
bool Filter::Item::is_member_of(std::size_t group) const {
    return std::ranges::find(groups, group) != groups.end();
}

Filter::Filter(std::vector<PacketResource> resources, Signs& signs, const Budget& budget)
    : signs_(signs), budget_(budget) {
    items_.reserve(resources.size());
    for (PacketResource& resource : resources) {
        const std::size_t at = items_.size();
        for (const std::string* address : {&resource.source, &resource.full_url})
            if (!address->empty()) add_address(*address, at);
        for (const std::string& copy : resource.copies) add_address(copy, at);
        items_.push_back({.given = std::move(resource)});
        Item& item = items_.back();
        signs_.learn_names(item.given.resource.json());
        each_identifier(item.given.resource.json(), [&](std::string name) {
            if (name.empty()) return;
            const auto found = by_identifier_.try_emplace(std::move(name), namesakes_.size()).first;
            if (found->second == namesakes_.size()) namesakes_.emplace_back();
            if (item.is_member_of(found->second)) return;
            item.groups.push_back(found->second);
            namesakes_[found->second].members.push_back(at);
        });
    }
    for (std::size_t i = 0; i < items_.size(); ++i)
        collect_links(i, items_[i].given.resource.json(), {});
    for (const Item& item : items_) collect_reasons(item);
}

// What medicines are there for: conditions and findings, an order of a dispense.
void Filter::collect_reasons(const Item& item) {
    constexpr std::array<std::string_view, 5> reasons = {
        "authorizingPrescription", "basedOn", "derivedFrom", "reasonReference", "request"};
    const fhir::JsonView json = item.given.resource.json();
    if (!item.given.resource.type().starts_with("Medication")) return;
    for (const Link& link : item.links) {
        const fhir::JsonView target = items_[link.target].given.resource.json();
        if (is_one_of(link.element, reasons)) signs_.learn_reason(json, target);
        if (link.element == "medicationReference") signs_.learn_use(target, json);
    }
    for (const fhir::JsonView one : json["contained"].items())
        if (one["resourceType"].string() == "Medication") signs_.learn_use(one, json);
}

void Filter::add_address(const std::string& address, std::size_t item) {
    index_.try_emplace(address, item);
    longest_address_ = std::max(longest_address_, address.size());
}

std::optional<std::size_t> Filter::find(std::string_view address) const {
    if (address.size() <= longest_address_)
        if (const auto exact = index_.find(address); exact != index_.end()) return exact->second;
    if (address.find('/') == std::string_view::npos) return std::nullopt;
    const fhir::Reference parsed = fhir::Reference::parse(address);
    using Form = fhir::Reference::Form;
    if (parsed.form != Form::Relative && parsed.form != Form::Absolute) return std::nullopt;
    const auto found = index_.find(parsed.key());
    return found == index_.end() ? std::nullopt : std::optional(found->second);
}

// Any string that is an address of something given is a link to it, whatever element it stands in;
// a logical reference is one to the namesakes that have the identifier.
void Filter::collect_links(std::size_t of, JsonView value, std::string_view element) {
    if (value.is_string()) {
        if (value.string().find_first_of(":/") == std::string_view::npos) return;
        const auto target = find(value.string());
        if (target && *target != of) items_[of].links.push_back({*target, element});
        return;
    }
    for (const fhir::JsonMember& member : value.members()) {
        // A resource's content is a DocumentReference's or a Media's.
        items_[of].has_free_text |= is_free_text(member) || (member.name() == "content" &&
                                                             value["resourceType"].is_string());
        const bool is_inner = member.name() == "reference" || member.name() == "div";
        if (member.name() == "identifier" && member.value.is_object() && !value.has("resourceType"))
            if (const auto found = by_identifier_.find(logical_name(member.value));
                found != by_identifier_.end())
                items_[of].logical.push_back({found->second, element});
        collect_links(of, member.value, is_inner ? element : member.name());
    }
    for (const JsonView item : value.items()) collect_links(of, item, element);
}

void Filter::withhold(std::size_t index, std::string reason, std::string why) {
    Item& item = items_[index];
    if (!item.is_kept) return;
    item.is_kept = false;
    item.reason = std::move(reason);
    item.why = std::move(why);
    gone_.push_back(index);
    for (const std::size_t group : item.groups) ++namesakes_[group].gone;
}

// A kept resource would tell of a withheld one by what else it says.
bool Filter::speaks_of(const Speaker& speaker, const Item& target) const {
    if (target.is_kept || target.reason == "only-with-withheld") return false;
    if (speaker.element == "url" && target.given.resource.type() == "Binary") return true;
    if (is_from_there(speaker, target)) return true;
    const Tells tells = told_by(speaker.element);
    if (tells == Tells::Matter && target.is_about_content()) return true;
    if (!items_[speaker.item].has_free_text) return false;
    return tells != Tells::Nothing || target.is_about_content();
}

void Filter::collect_speakers() {
    if (!speakers_.empty()) return;
    speakers_.resize(items_.size());
    logical_speakers_.resize(namesakes_.size());
    for (std::size_t i = 0; i < items_.size(); ++i) {
        const fhir::Resource& resource = items_[i].given.resource;
        if (resource.type() == "Patient" || loses_only_entries(resource)) continue;
        for (const Link& link : items_[i].links)
            speakers_[link.target].push_back({i, link.element});
        for (const Link& link : items_[i].logical)
            logical_speakers_[link.target].push_back({i, link.element});
    }
}

// Those of the speakers that are kept and speak of it, go.
void Filter::silence(const std::vector<Speaker>& speakers, std::size_t gone) {
    for (const Speaker& speaker : speakers)
        if (items_[speaker.item].is_kept && speaks_of(speaker, items_[gone])) {
            pass_on_place(speaker, items_[gone]);
            withhold(speaker.item, "names-withheld",
                     std::string(speaker.element) + " -> " + items_[gone].given.source);
        }
}

bool Filter::spread() {
    // From what goes to what speaks of it, until there is nothing new. What has gone once needs no
    // second look, and of namesakes one of each kind: nobody speaks otherwise of the next.
    if (gone_.empty()) return false;
    collect_speakers();
    const std::size_t before = gone_.size();
    for (; spread_ < gone_.size(); ++spread_) {
        const std::size_t gone = gone_[spread_];
        silence(speakers_[gone], gone);
        const Item& target = items_[gone];
        const unsigned kind = 1U << (static_cast<unsigned>(target.place) * 8U +
                                     (target.reason == "only-with-withheld" ? 4U : 0U) +
                                     (target.is_about_content() ? 2U : 0U) +
                                     (target.given.resource.type() == "Binary" ? 1U : 0U));
        for (const std::size_t group : target.groups) {
            if ((namesakes_[group].told & kind) != 0) continue;
            namesakes_[group].told |= kind;
            silence(logical_speakers_[group], gone);
        }
    }
    return gone_.size() != before;
}

bool Filter::takes(const Item& item, const Policy& policy) {
    const auto labels = item.given.resource.json().at("meta", "security").items();
    return policy.takes(item.betrays) || std::ranges::any_of(labels, [&](JsonView label) {
               return policy.takes(label["code"].string());
           });
}

// What a narrative says is decided as somebody's words; the resource is not taken for them.
bool Filter::may_tell(const PacketResource& given, const Policy& policy, const Request& request,
                      Instant now) {
    const std::string text = narrative_text(given.resource.json());
    if (text.empty()) return true;
    const std::string_view type = given.resource.type();
    const Json note = Json::object({{"text", text}});
    const Json said = Json::object(
        {{"resourceType", type == "Patient" ? "Basic" : type}, {"note", Json::array({note})}});
    return policy.decide(said, given.source, given.full_url, request, now, signs_).is_permitted;
}

// Each for itself, by the rules.
void Filter::decide(std::size_t i, const Policy& policy, const Request& request, Instant now,
                    std::string_view patient) {
    Item& item = items_[i];
    const PacketResource& given = item.given;
    const bool is_patient = given.source == patient || given.full_url == patient;
    if (is_patient) plain_patient(item, policy);
    Decision decision =
        policy.decide(given.resource.json(), given.source, given.full_url, request, now, signs_);
    if (is_patient && decision.is_unspoken) {
        replace(item, without_labels(given.resource.json()));
        decision = policy.decide(given.resource.json(), given.source, given.full_url, request, now,
                                 signs_);
    }
    if (decision.is_permitted && given.resource.type() == "RelatedPerson" &&
        policy.takes("SEX", "orientation") &&
        tells_orientation(given.resource.json(), patient_gender_))
        decision = {.is_by_rule = true, .reason = "sensitivity:SEX"};
    // A rule may name the copy and not what it was folded into: they are the same.
    for (const std::string& copy : given.copies)
        if (decision.is_permitted)
            decision =
                policy.decide(given.resource.json(), copy, given.full_url, request, now, signs_);
    item.loses_narrative =
        !may_tell(given, policy, request, now) || (is_patient && !originals_.empty());
    if (!decision.is_permitted && !decision.is_by_rule && is_patient &&
        policy.decide_identity(patient, request, now).is_permitted) {
        item.is_minimum = true;
        return;
    }
    if (!decision.is_permitted && given.resource.type() == "Binary" && !decision.is_by_rule)
        return;  // it belongs to the document that names it
    std::string why = why_of(decision);
    item.betrays = std::move(decision.betrays);
    // What does not go for its type alone, and would not go for its matter, is one all the
    // same.
    const bool is_taken = takes(item, policy);
    item.is_matter = is_matter(decision) || (is_taken && !decision.is_permitted);
    if (decision.is_permitted && request.first_opinion == FirstOpinion::Sealed &&
        is_first_opinion(given.resource.json())) {
        withhold(i, "first-opinion-sealed", std::move(why));
    } else if (decision.is_permitted) {
        item.why = std::move(why);
    } else {
        withhold(i, std::move(decision.reason), std::move(why));
        if (is_taken || item.reason.starts_with("sensitivity:")) item.place = told_place(item);
    }
}

Result<Consented> Filter::run(const Policy& policy, const Request& request, Instant now,
                              std::string_view patient) {
    for (const Item& item : items_)
        if (item.given.source == patient || item.given.full_url == patient)
            patient_gender_ = item.given.resource.json()["gender"].string();
    for (std::size_t i = 0; i < items_.size(); ++i) {
        TRY(budget_.go_on());
        decide(i, policy, request, now, patient);
    }
    mark_programmes();
    TRY(drop_copies());
    Consented out;
    for (int round = 0;; ++round) {
        if (round == rounds_max)
            return Error(ErrorKind::Denied, "what is withheld cannot be told from the rest");
        bool again = true;
        while (again) {
            TRY(budget_.go_on());
            again = spread();
            again = drop_dependents() || again;
            again = drop_unused() || again;
        }
        TRY_ASSIGN(const bool has_more_gone, prune_kept(policy, out));
        if (!has_more_gone) break;
    }
    for (const Item& item : items_) {
        if (item.is_kept) continue;
        if (item.given.source == patient || item.given.full_url == patient)
            return Error(ErrorKind::Denied, "the consent does not let the Patient be shared");
        out.withheld.push_back(
            {item.given.source, item.reason, item.why, item.given.resource, item.betrays});
    }
    out.changes.append(patient_changes_);
    return out;
}

}  // namespace consultd::consent
