#include "adapter/stages/consent/filter.h"

#include <algorithm>
#include <array>
#include <optional>

#include "fhir/reference.h"

namespace consultd::consent {
namespace {

using fhir::Json;
using fhir::JsonView;

// Why something was done, and what it was done with: with one of these withheld, the rest betrays
// it.
constexpr std::array<std::string_view, 13> betraying = {
    "about",          "addresses",           "basis",           "complicationDetail",
    "detail",         "diagnosisReference",  "implicated",      "itemReference",
    "medicationReference", "problem",        "procedureReference", "reasonReference",
    "resultingCondition"};
// Who, where and in what context: the resource would say the same without it.
constexpr std::array<std::string_view, 22> circumstances = {"asserter",
                                                            "author",
                                                            "authenticator",
                                                            "basedOn",
                                                            "context",
                                                            "custodian",
                                                            "encounter",
                                                            "individual",
                                                            "informationSource",
                                                            "location",
                                                            "managingOrganization",
                                                            "organization",
                                                            "partOf",
                                                            "patient",
                                                            "performer",
                                                            "practitioner",
                                                            "recorder",
                                                            "requester",
                                                            "serviceProvider",
                                                            "specimen",
                                                            "subject",
                                                            "who"};
// Members that hold what somebody wrote or concluded, wherever in a resource they stand.
constexpr std::array<std::string_view, 20> free_text = {
    "attachment",    "basis",       "comment", "conclusion", "conclusionCode",
    "contentString", "description", "detail",  "event",      "item",
    "mitigation",    "note",        "payload", "prediction", "presentedForm",
    "progress",      "rationale",   "summary", "valueMarkdown", "valueString"};

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::ranges::find(names, name) != names.end();
}

bool has_free_text(JsonView value) {
    if (value.is_object() && value["resourceType"].is_string() && value.has("content"))
        return true;  // of a DocumentReference or Media
    return std::ranges::any_of(value.members(),
                               [](const fhir::JsonMember& member) {
                                   return is_one_of(member.name(), free_text) ||
                                          has_free_text(member.value);
                               }) ||
           std::ranges::any_of(value.items(), has_free_text);
}

// The rules themselves say that it is for what it says, or for itself.
bool is_content_denied(std::string_view reason) {
    return reason == "code-denied" || reason == "instance-denied" || reason.starts_with("sensitivity:") || reason.starts_with("confidentiality:");
}
// The reason is in what the resource says, not in whose, when or what kind it is.
bool is_about_content(std::string_view reason) {
    return reason == "names-withheld" || is_content_denied(reason);
}

// A List and a Composition lose the entries that name the withheld, a Provenance its targets; what
// was written about all entries cannot be told apart.
bool loses_only_entries(const fhir::Resource& resource) {
    if (resource.type() == "List") return !resource.json().has("note");
    return resource.type() == "Provenance" || resource.type() == "Composition";
}

}  // namespace

Filter::Filter(std::vector<PacketResource> resources) {
    items_.reserve(resources.size());
    for (PacketResource& resource : resources) {
        const std::size_t at = items_.size();
        for (const std::string& address : {resource.source, resource.full_url})
            if (!address.empty()) index_.try_emplace(address, at);
        for (const std::string& copy : resource.copies) index_.try_emplace(copy, at);
        Item item{.given = std::move(resource), .links = {}, .is_kept = true, .reason = {}};
        item.has_free_text = has_free_text(item.given.resource.json());
        each_identifier(item.given.resource.json(), [&](const std::string& name) {
            if (!name.empty()) by_identifier_.emplace(name, at);
        });
        items_.push_back(std::move(item));
    }
    for (std::size_t i = 0; i < items_.size(); ++i)
        collect_links(i, items_[i].given.resource.json(), {});
}

std::optional<std::size_t> Filter::find(std::string_view address) const {
    if (const auto exact = index_.find(address); exact != index_.end()) return exact->second;
    const fhir::Reference parsed = fhir::Reference::parse(address);
    using Form = fhir::Reference::Form;
    if (parsed.form != Form::Relative && parsed.form != Form::Absolute) return std::nullopt;
    const auto found = index_.find(parsed.key());
    return found == index_.end() ? std::nullopt : std::optional(found->second);
}

// Any string that is an address of something given is a link to it, whatever element it stands in;
// a logical reference is one to each that has the identifier.
void Filter::collect_links(std::size_t of, JsonView value, std::string_view element) {
    if (value.is_string()) {
        if (value.string().find_first_of(":/") == std::string_view::npos) return;
        const auto target = find(value.string());
        if (target && *target != of) items_[of].links.push_back({*target, element});
        return;
    }
    if (value["identifier"].is_object() && !value.has("resourceType")) {
        const auto [from, to] = by_identifier_.equal_range(logical_name(value["identifier"]));
        for (auto found = from; found != to; ++found)
            if (found->second != of) items_[of].links.push_back({found->second, element});
    }
    for (const fhir::JsonMember& member : value.members()) {
        const bool is_inner = member.name() == "reference" || member.name() == "div";
        collect_links(of, member.value, is_inner ? element : member.name());
    }
    for (const JsonView item : value.items()) collect_links(of, item, element);
}

void Filter::withhold(std::size_t index, std::string reason) {
    Item& item = items_[index];
    if (!item.is_kept) return;
    item.is_kept = false;
    item.reason = std::move(reason);
    ++withheld_;
}

// A kept resource would tell of a withheld one by what else it says.
bool Filter::speaks_of(const Item& item, const Link& link) const {
    const Item& target = items_[link.target];
    if (target.is_kept || target.reason == "only-with-withheld") return false;
    if (link.element == "url" && target.given.resource.type() == "Binary") return true;
    if (is_one_of(link.element, betraying) && is_about_content(target.reason)) return true;
    if (!item.has_free_text) return false;
    return !is_one_of(link.element, circumstances) || is_about_content(target.reason);
}

bool Filter::spread() {
    // From what goes to what speaks of it, until the front is empty.
    std::vector<std::vector<std::size_t>> speakers(items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i)
        for (const Link& link : items_[i].links) speakers[link.target].push_back(i);
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (!items_[i].is_kept) front.push_back(i);
    const std::size_t before = withheld_;
    while (!front.empty()) {
        const std::size_t gone = front.back();
        front.pop_back();
        for (const std::size_t speaker : speakers[gone]) {
            Item& item = items_[speaker];
            if (!item.is_kept || item.given.resource.type() == "Patient" ||
                loses_only_entries(item.given.resource))
                continue;
            const bool speaks = std::ranges::any_of(item.links, [&](const Link& link) {
                return link.target == gone && speaks_of(item, link);
            });
            if (!speaks) continue;
            withhold(speaker, "names-withheld");
            front.push_back(speaker);
        }
    }
    return withheld_ != before;
}

bool Filter::drop_dependents() {
    const std::size_t before = withheld_;
    std::vector<bool> is_named(items_.size()), is_named_by_kept(items_.size());
    for (const Item& item : items_)
        for (const Link& link : item.links) {
            if (item.given.resource.type() == "Provenance") continue;
            is_named[link.target] = true;
            if (item.is_kept) is_named_by_kept[link.target] = true;
        }
    for (std::size_t i = 0; i < items_.size(); ++i) {
        const std::string_view type = items_[i].given.resource.type();
        if (type == "Binary" && !is_named_by_kept[i])
            withhold(i, is_named[i] ? "only-with-withheld" : "undecidable");
        // A sample is there for what was found in it.
        if (type == "Specimen" && is_named[i] && !is_named_by_kept[i])
            withhold(i, "only-with-withheld");
        if (type == "Binary" && std::ranges::any_of(items_[i].links, [&](const Link& link) {
                return link.element == "securityContext" && !items_[link.target].is_kept;
            }))
            withhold(i, "only-with-withheld");
        if (type != "Provenance" || !items_[i].is_kept) continue;
        bool has_target = false, has_kept_target = false;
        for (const Link& link : items_[i].links) {
            has_target |= link.element == "target";
            has_kept_target |= link.element == "target" && items_[link.target].is_kept;
        }
        if (has_target && !has_kept_target) withhold(i, "only-with-withheld");
    }
    return withheld_ != before;
}

// What others share is marked from what is kept, through one another, and the rest goes.
bool Filter::drop_unused() {
    if (withheld_ == 0) return false;
    const std::size_t before = withheld_;
    std::vector<bool> is_used(items_.size());
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (items_[i].is_kept && !is_shared_type(items_[i].given.resource.type()))
            front.push_back(i);
    while (!front.empty()) {
        const std::size_t at = front.back();
        front.pop_back();
        for (const Link& link : items_[at].links) {
            if (is_used[link.target] || !items_[link.target].is_kept) continue;
            is_used[link.target] = true;
            if (is_shared_type(items_[link.target].given.resource.type()))
                front.push_back(link.target);
        }
    }
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (is_shared_type(items_[i].given.resource.type()) && !is_used[i] &&
            !items_[i].given.resource["patient"].is_object())
            withhold(i, "only-with-withheld");
    return withheld_ != before;
}

Names Filter::names_of_withheld() const {
    Names names;
    for (const Item& item : items_) {
        if (item.is_kept) continue;
        names.add(item.given.source, item.given.full_url, item.given.resource.json());
        if (is_content_denied(item.reason)) names.add_matter(item.given.resource.json());
        for (const std::string& copy : item.given.copies) names.add_address(copy);
    }
    for (const Item& item : items_)
        if (item.is_kept)
            names.release(item.given.source, item.given.full_url, item.given.resource.json());
    return names;
}

bool Filter::prune_kept(Consented& out) {
    out = {};
    const std::size_t before = withheld_;
    if (withheld_ == 0) {
        for (const Item& item : items_) out.resources.push_back(item.given);
        return false;
    }
    const Names names = names_of_withheld();
    for (std::size_t i = 0; i < items_.size(); ++i) {
        Item& item = items_[i];
        if (!item.is_kept) continue;
        Pruned pruned = prune(item.given.resource.json(), item.given.full_url, names,
                              Narratives::DropHandWritten);
        auto resource = fhir::Resource::from(pruned.resource);
        if (pruned.has_lost_all) {
            withhold(i, "only-with-withheld");
        } else if (!resource || names.in_text(pruned.resource.print()) ||
                   names.is_matter_of(pruned.resource)) {
            withhold(i, "names-withheld");
        } else {
            out.resources.push_back(
                {item.given.source, item.given.full_url, std::move(resource).value()});
            std::ranges::move(pruned.changes, std::back_inserter(out.changes));
        }
    }
    return withheld_ != before;
}

Result<Consented> Filter::run(const Policy& policy, const Request& request, Instant now,
                              std::string_view patient) {
    for (std::size_t i = 0; i < items_.size(); ++i) {
        const PacketResource& given = items_[i].given;
        Decision decision =
            policy.decide(given.resource.json(), given.source, given.full_url, request, now);
        // A rule may name the copy and not what it was folded into: they are the same.
        for (const std::string& copy : given.copies)
            if (decision.is_permitted)
                decision =
                    policy.decide(given.resource.json(), copy, given.full_url, request, now);
        if (!decision.is_permitted && given.resource.type() == "Binary" && !decision.is_by_rule)
            continue;  // it belongs to the document that names it
        if (!decision.is_permitted) withhold(i, std::move(decision.reason));
    }
    Consented out;
    for (int round = 0;; ++round) {
        if (round == rounds_max)
            return Error(ErrorKind::Denied, "what is withheld cannot be told from the rest");
        bool again = true;
        while (again) {
            again = spread();
            again = drop_dependents() || again;
            again = drop_unused() || again;
        }
        if (!prune_kept(out)) break;
    }
    for (const Item& item : items_) {
        if (item.is_kept) continue;
        if (item.given.source == patient || item.given.full_url == patient)
            return Error(ErrorKind::Denied, "the consent does not let the Patient be shared");
        out.withheld.push_back({item.given.source, item.reason});
    }
    return out;
}

}  // namespace consultd::consent
