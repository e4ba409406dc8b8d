#include "fhir/r4/container_rules.h"

#include <algorithm>
#include <utility>

#include "fhir/r4/elements.h"
#include "fhir/reference.h"
#include "fhir/resource.h"

namespace consultd::fhir::r4 {
namespace {

void error(std::vector<Finding>& findings, std::string path, StaticText text) {
    findings.push_back({Finding::Severity::Error, std::move(path), text});
}

}  // namespace

bool may_refer(std::span<const StaticText> targets, std::string_view type) {
    return type.empty() || targets.empty() || !find_type(type) ||
           std::any_of(targets.begin(), targets.end(),
                       [&](StaticText target) { return target.view() == type; });
}

bool is_literal(std::string_view reference) {
    if (Reference::parse(reference).form != Reference::Form::Other) return true;
    if (reference.find_first_of(" \t\r\n") != std::string_view::npos) return false;
    if (const std::size_t search = reference.find('?'); search != std::string_view::npos)
        if (is_resource_type(reference.substr(0, search))) return true;
    // https://www.rfc-editor.org/rfc/rfc3986#section-3.1
    const std::size_t colon = reference.find(':');
    return colon != std::string_view::npos && colon > 0 && colon + 1 < reference.size() &&
           std::ranges::all_of(reference.substr(0, colon), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '-' || c == '.';
           });
}

void ContainerRules::contain(std::string path, std::string_view id, std::string_view type) {
    contained_.push_back({std::move(path), id, type, false});
}

void ContainerRules::refer(std::string path, std::string_view id,
                           std::span<const StaticText> targets) {
    named_.emplace(id);
    references_.push_back({std::move(path), std::string(id), targets});
}

void ContainerRules::narrative(const std::string& path, NarrativeAnchors anchors) {
    for (std::string& name : anchors.names) anchors_.insert(std::move(name));
    for (std::string& link : anchors.links)
        if (!link.empty()) links_.push_back({path, std::move(link)});
    for (std::string& image : anchors.images) links_.push_back({path, std::move(image)});
}

void ContainerRules::check(std::vector<Finding>& findings) const {
    std::map<std::string_view, const Contained*> by_id;
    for (const Contained& contained : contained_) {
        if (!contained.id.empty() && !by_id.emplace(contained.id, &contained).second)
            error(findings, contained.path, "the same id twice among the contained resources");
        if (!contained.is_used && (contained.id.empty() || !named_.contains(contained.id)))
            error(findings, contained.path, "dom-3: nothing refers to this contained resource");
    }
    for (const Link& link : links_)
        if (!anchors_.contains(link.target) && !by_id.contains(link.target))
            error(findings, link.path, "a link or image leads to nothing in the resource");
    for (const Local& local : references_) {
        const auto found = by_id.find(local.id);
        if (found == by_id.end())
            error(findings, local.path, "ref-1: no contained resource has this id");
        else if (!may_refer(local.targets, found->second->type))
            error(findings, local.path, "a resource of this type may not be referred to here");
    }
}

}  // namespace consultd::fhir::r4
