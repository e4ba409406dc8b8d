// container_rules: what must hold between a resource and the resources contained in it, and between
// its narratives and its elements: who refers to whom by `#id`, told when the resource ends
// (https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/narrative.html#id).
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/narrative.h"
#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {

// Whether a reference with these targets (none: any) may lead to a resource of `type`; of a type
// that is not known nothing is told.
bool may_refer(std::span<const StaticText> targets, std::string_view type);

// Whether the text of a reference that is no `#id` can be one: Type/id of a type of R4, an absolute
// URI, or a search as transactions have it. https://hl7.org/fhir/R4/references.html#literal
bool is_literal(std::string_view reference);

class ContainerRules {
public:
    explicit ContainerRules(std::string_view type) : type_(type) {}
    std::string_view type() const { return type_; }

    void contain(std::string path, std::string_view id, std::string_view type);
    // The contained resource that came last says itself that it belongs to its container.
    void refers_to_container() {
        if (!contained_.empty()) contained_.back().is_used = true;
    }
    // A Reference to `#id`.
    void refer(std::string path, std::string_view id, std::span<const StaticText> targets);
    // A uri, url or canonical `#id`.
    void name(std::string_view id) { named_.emplace(id); }
    void element_id(std::string_view id) { anchors_.emplace(id); }
    void narrative(const std::string& path, NarrativeAnchors anchors);

    void check(std::vector<Finding>& findings) const;

private:
    struct Contained {
        std::string path;
        std::string_view id, type;
        bool is_used = false;
    };
    struct Local {
        std::string path, id;
        std::span<const StaticText> targets;
    };
    struct Link {
        std::string path, target;
    };

    std::string_view type_;
    std::vector<Contained> contained_;
    std::vector<Local> references_;
    std::vector<Link> links_;
    std::set<std::string, std::less<>> named_;
    std::set<std::string, std::less<>> anchors_;  // ids of elements, also of those in narratives
};

}  // namespace consultd::fhir::r4
