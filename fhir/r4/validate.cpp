#include "fhir/r4/validate.h"

#include <algorithm>
#include <deque>

#include "fhir/base/crypto.h"
#include "fhir/r4/bundle_rules.h"
#include "fhir/r4/code_rules.h"
#include "fhir/r4/container_rules.h"
#include "fhir/r4/extension_rules.h"
#include "fhir/r4/narrative_rules.h"
#include "fhir/r4/primitive_format.h"
#include "fhir/r4/walk.h"
#include "fhir/reference.h"

namespace consultd::fhir::r4 {
namespace {

using Severity = Finding::Severity;

constexpr std::size_t findings_max = 10'000;

bool holds(std::span<const StaticText> sorted, std::string_view wanted) {
    const auto found =
        std::lower_bound(sorted.begin(), sorted.end(), wanted,
                         [](StaticText text, std::string_view name) { return text.view() < name; });
    return found != sorted.end() && found->view() == wanted;
}

std::string_view base_of(const JsonMember& member) {
    const std::string_view name = member.name();
    return name.starts_with('_') ? name.substr(1) : name;
}

class Validator final : public Walker {
public:
    explicit Validator(const TypeOf& type_of) : type_of_(type_of) {}
    std::vector<Finding> findings;

    bool enter(const Visit& visit) override;
    Edit reference(const Visit& visit) override;
    Edit coding(const Visit& visit) override { return check_code(visit); }
    Edit codeable_concept(const Visit& visit) override;
    Edit quantity(const Visit& visit) override { return check_code(visit); }
    Edit attachment(const Visit& visit) override;
    Edit narrative(const Visit& visit) override;
    Edit extension(const Visit& visit) override;
    Edit resource(const Visit& visit) override;
    Edit element(const Visit& visit) override;
    void unknown(const ElementPath& parent, JsonView object, std::string_view member) override;

private:
    struct OpenBundle {
        BundleRules rules;
        std::size_t entry = 0;  // the one being walked
    };

    // A hostile file has as many faults as bytes: past a number they tell nobody anything more.
    void add(Severity severity, std::string path, StaticText text) {
        if (is_full_) return;
        is_full_ = findings.size() >= findings_max;
        if (is_full_) path.clear(), text = "too many findings: the others are not listed";
        findings.push_back({severity, std::move(path), text});
    }
    void error(const ElementPath& path, StaticText text) {
        add(Severity::Error, path.text(), text);
    }
    void error_below(const ElementPath& path, StaticText name, StaticText text) {
        add(Severity::Error, path.text() + "." + name.c_str(), text);
    }

    void enter_resource(const Visit& visit);
    void enter_contained(const Visit& visit);
    void check_members(const Visit& visit);
    void check_required(const Visit& visit);
    Edit check_code(const Visit& visit);
    void note_id(JsonView element);
    ExtendedPlace extended_place(const Visit& visit) const;
    void check_literal(const Visit& visit, std::string_view text);
    void check_target(const Visit& visit, std::string_view type);

    const TypeOf& type_of_;
    std::vector<const Type*> types_;         // of the objects we are in
    std::vector<const JsonMember*> chosen_;  // of one object: the member of each element
    std::deque<ContainerRules> containers_;
    std::deque<OpenBundle> bundles_;
    bool is_full_ = false;
};

bool Validator::enter(const Visit& visit) {
    types_.push_back(&visit.type);
    if (visit.type.kind == Type::Kind::Resource) {
        visit.in_contained ? enter_contained(visit) : enter_resource(visit);
    } else {
        const std::size_t size = visit.value.size();
        if (size == 0 || (size == 1 && visit.value.has("id")))
            error(visit.path, "ele-1: an element has a value or children");
        note_id(visit.value);
        if (visit.type.name.view() == "Bundle.entry" && !visit.in_contained && !bundles_.empty())
            bundles_.back().entry = static_cast<std::size_t>(visit.path.leaf_index());
    }
    check_members(visit);
    return true;
}

void Validator::enter_resource(const Visit& visit) {
    containers_.emplace_back(visit.type.name.view());
    if (visit.type.name.view() != "Bundle") return;
    bundles_.push_back({BundleRules(visit.value, visit.path.text())});
    bundles_.back().rules.check(findings);
}

void Validator::enter_contained(const Visit& visit) {
    if (containers_.empty()) return;
    const std::string_view id = visit.value["id"].string();
    containers_.back().contain(visit.path.text(), id, visit.type.name.view());
    if (visit.value.has("contained"))
        error(visit.path, "dom-2: a contained resource contains another");
    const JsonView meta = visit.value["meta"];
    if (meta.has("versionId") || meta.has("lastUpdated"))
        error(visit.path, "dom-4: a contained resource has no meta.versionId or lastUpdated");
    if (meta.has("security")) error(visit.path, "dom-5: a contained resource has no meta.security");
}

// Empty arrays, siblings out of step, choices made twice, cardinalities.
void Validator::check_members(const Visit& visit) {
    chosen_.assign(visit.type.elements.size(), nullptr);
    for (const JsonMember& member : visit.value.members()) {
        const std::string_view name = member.name();
        const bool is_sibling = name.starts_with('_');
        const std::string_view base = is_sibling ? name.substr(1) : name;
        const Element* element = is_sibling ? visit.type.member(base).element
                                            : visit.type.member(name, member.tag()).element;
        if (!element) continue;
        if (member.value.is_array() && member.value.size() == 0)
            error_below(visit.path, element->name, "an array is never empty");
        if (is_sibling && member.value.is_array() && visit.value.has(base) &&
            visit.value[base].size() != member.value.size())
            error_below(visit.path, element->name,
                        "the array and its _ array are not of one length");
        const JsonMember*& chosen =
            chosen_[static_cast<std::size_t>(element - visit.type.elements.data())];
        if (chosen && base_of(*chosen) != base)
            error_below(visit.path, element->name, "a choice of types is made once");
        if (!chosen || !is_sibling) chosen = &member;
    }
    check_required(visit);
}

void Validator::check_required(const Visit& visit) {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        const Element& element = visit.type.elements[i];
        if (element.min > 0 && !chosen_[i])
            error_below(visit.path, element.name, "a required element is missing");
        // A sibling alone has no items of its own.
        const bool has_value = chosen_[i] && !chosen_[i]->name().starts_with('_');
        const std::size_t count = has_value ? chosen_[i]->value.size() : 0;
        if (element.is_many() && count > 0 && (count < element.min || count > element.max))
            error_below(visit.path, element.name, "too few or too many items");
    }
}

Edit Validator::element(const Visit& visit) {
    if (visit.type.kind != Type::Kind::Primitive) {
        types_.pop_back();
        return Edit::keep();
    }
    const JsonView sibling = visit.sibling;
    note_id(sibling);
    if (sibling.is_object() && (sibling.size() == 0 || (visit.value.is_null() &&
                                                        sibling.size() == 1 && sibling.has("id"))))
        error(visit.path, "ele-1: an element has a value or children");
    if (sibling["extension"].is_array() && sibling["extension"].size() == 0)
        error(visit.path, "an array is never empty");
    if (visit.value.is_null()) return Edit::keep();
    if (const auto fault = format_fault(visit.type, visit.value)) {
        error(visit.path, *fault);
        return Edit::keep();
    }
    const std::string_view text = visit.value.string();
    if (!visit.element->required_codes.empty() && !holds(visit.element->required_codes, text))
        error(visit.path, "not a code of the required value set");
    if (!has_required_form(*visit.element, text))
        error(visit.path, "not in the form that codes of the required value set have");
    // A canonical, uri or url may name a contained resource too (dom-3).
    if (text.starts_with('#') && !containers_.empty() &&
        (visit.type.name.view() == "canonical" || visit.type.name.view() == "uri" ||
         visit.type.name.view() == "url"))
        containers_.back().name(text.substr(1));
    return Edit::keep();
}

// An element that narratives may point at.
void Validator::note_id(JsonView element) {
    if (const std::string_view id = element["id"].string(); !id.empty() && !containers_.empty())
        containers_.back().element_id(id);
}

// Of a Coding, or of a quantity's unit.
Edit Validator::check_code(const Visit& visit) {
    const auto fault = code_fault(visit.value["system"].string(), visit.value["version"].string(),
                                  visit.value["code"].string());
    if (fault) add(fault->severity, visit.path.text() + ".code", fault->text);
    return Edit::keep();
}

Edit Validator::codeable_concept(const Visit& visit) {
    if (visit.element && breaks_required_binding(*visit.element, visit.value))
        error(visit.path, "no coding of the required value set");
    return Edit::keep();
}

Edit Validator::reference(const Visit& visit) {
    const std::string_view text = visit.value["reference"].string();
    const std::string_view type = bare_type(visit.value["type"].string());
    check_target(visit, type);
    if (text.empty() || containers_.empty()) return Edit::keep();
    if (!text.starts_with('#')) {
        check_literal(visit, text);
        return Edit::keep();
    }
    if (text.size() > 1)
        containers_.back().refer(visit.path.text(), text.substr(1),
                                 visit.element->reference_targets);
    else if (visit.in_contained)
        containers_.back().refers_to_container();
    return Edit::keep();
}

// Composition's references must lead to entries of its document
// (https://hl7.org/fhir/R4/documents.html#content); a urn names an entry of its Bundle or nothing.
void Validator::check_literal(const Visit& visit, std::string_view text) {
    const Reference parsed = Reference::parse(text);
    const std::string_view said = bare_type(visit.value["type"].string());
    std::string_view type = parsed.type;
    if (!is_literal(text)) error(visit.path, "a reference is Type/id, an absolute URI, or #id");
    if (!bundles_.empty() && !bundles_.back().rules.empty()) {
        OpenBundle& bundle = bundles_.back();
        if (const auto target = bundle.rules.resolve(text, bundle.entry)) {
            bundle.rules.link(bundle.entry, *target);
            type = bundle.rules.resource_type(*target);
        } else if (parsed.form == Reference::Form::Urn) {
            error(visit.path, "the reference leads to no entry of its Bundle");
        } else if (bundle.rules.is_document()) {
            const bool attested = containers_.back().type() == "Composition";
            add(attested ? Severity::Error : Severity::Warning, visit.path.text(),
                "the reference leads out of the document");
        }
    } else if (type_of_) {
        const std::string_view held = type_of_(text);
        if (!held.empty())
            type = held;
        else if (parsed.form == Reference::Form::Urn)
            error(visit.path, "the reference leads to no entry of its Bundle");
    }
    check_target(visit, type);
    if (!said.empty() && !type.empty() && said != type)
        error(visit.path, "the reference leads to another type than it says");
}

void Validator::check_target(const Visit& visit, std::string_view type) {
    if (!may_refer(visit.element->reference_targets, type))
        error(visit.path, "a resource of this type may not be referred to here");
}

// Attachment.hash is the SHA-1 and size the length of the data before base64.
Edit Validator::attachment(const Visit& visit) {
    const auto data = crypto::from_base64(visit.value["data"].string(), crypto::WhiteSpace::Skip);
    if (!data || data->empty()) return Edit::keep();
    const JsonView hash = visit.value["hash"];
    if (!hash.is_null() &&
        crypto::from_base64(hash.string(), crypto::WhiteSpace::Skip) != crypto::sha1(*data))
        error(visit.path, "the hash is not that of the data");
    const auto size = visit.value["size"].integer();
    if (size && *size != static_cast<std::int64_t>(data->size()))
        error(visit.path, "the size is not that of the data");
    return Edit::keep();
}

Edit Validator::narrative(const Visit& visit) {
    const std::string_view div = visit.value["div"].string();
    if (div.empty()) return Edit::keep();  // told already: it is required
    if (const auto fault = narrative_fault(div))
        error_below(visit.path, "div", *fault);
    else if (auto anchors = narrative_anchors(div); anchors && !containers_.empty())
        containers_.back().narrative(visit.path.text() + ".div", *std::move(anchors));
    return Edit::keep();
}

// The types we are in end with the extension's own. A primitive that it extends is not among them.
ExtendedPlace Validator::extended_place(const Visit& visit) const {
    const std::span above = std::span(types_).first(types_.size() - 1);
    const std::string_view name = visit.path.name_above().view();
    if (visit.path.depth() > types_.size())
        return {above.back()->find(name)->types, above.back(), name};
    const Type* const owner = above.size() > 1 ? above[above.size() - 2] : nullptr;
    return {above.last(1), above.back()->kind == Type::Kind::Resource ? nullptr : owner, name};
}

Edit Validator::extension(const Visit& visit) {
    bool has_value = false;
    for (const JsonMember& member : visit.value.members()) {
        const std::string_view name = member.name();
        const std::string_view base = name.starts_with('_') ? name.substr(1) : name;
        const Element* element = visit.type.member(base).element;
        has_value = has_value || (element && element->is_choice);
    }
    if (has_value == visit.value.has("extension"))
        error(visit.path, "ext-1: an extension has a value or extensions, not both");
    if (!may_extend(visit.value["url"].string(), extended_place(visit)))
        error(visit.path, "R4 does not let this extension stand here");
    if (visit.path.leaf().view() == "modifierExtension")
        add(Severity::Warning, visit.path.text(),
            "a modifier extension: who does not know it must not use what it modifies");
    return Edit::keep();
}

Edit Validator::resource(const Visit& visit) {
    if (visit.in_contained || containers_.empty()) return Edit::keep();
    containers_.back().check(findings);
    containers_.pop_back();
    if (visit.type.name.view() == "Bundle" && !bundles_.empty()) {
        bundles_.back().rules.check_reachable(findings);
        bundles_.pop_back();
    }
    return Edit::keep();
}

void Validator::unknown(const ElementPath& parent, JsonView object, std::string_view member) {
    if (member == "resourceType") return error(parent, "not a resource of R4");
    const std::string_view base = member.starts_with('_') ? member.substr(1) : member;
    const Element* element = types_.empty() ? nullptr : types_.back()->member(base).element;
    const StaticText name = element ? element->name : StaticText("");
    if (parent.depth() == ElementPath::depth_max)
        error(parent, "nested too deeply");
    else if (object[member].is_null())
        error(parent, "null stands only in an array of primitives");
    else if (element)
        error_below(parent, name, "the wrong kind of JSON value");
    else
        error(parent, "an element that R4 does not have here");
}

}  // namespace

std::string_view bare_type(std::string_view type) {
    constexpr std::string_view prefix = "http://hl7.org/fhir/StructureDefinition/";
    return type.starts_with(prefix) ? type.substr(prefix.size()) : type;
}

std::vector<Finding> validate(const Json& resource, const TypeOf& type_of) {
    Validator validator(type_of);
    walk(resource, validator);
    return std::move(validator.findings);
}

}  // namespace consultd::fhir::r4
