#include "config/problem_order.h"

#include <algorithm>
#include <map>

#include "config/schema_check.h"

namespace consultd::config {
namespace {

using fhir::JsonMember;
using fhir::JsonView;

bool is_at_or_below(std::string_view path, std::string_view other) {
    return path.starts_with(other) && (path.size() == other.size() || path[other.size()] == '/');
}

// The paths of all values, in the order of the file.
void number_places(JsonView value, const std::string& path,
                   std::map<std::string, std::size_t>& places) {
    places.emplace(path, places.size());
    for (const JsonMember& member : value.members())
        number_places(member.value, path + pointer_step(member.name()), places);
    for (std::size_t i = 0; i < value.size() && value.is_array(); ++i)
        number_places(value.items()[i], path + "/" + std::to_string(i), places);
}

}  // namespace

void sort_by_place(JsonView root, std::vector<Problem>& problems) {
    std::map<std::string, std::size_t> places;
    number_places(root, "", places);
    const auto place = [&](std::string path) {
        while (!path.empty() && !places.contains(path)) path.resize(path.rfind('/'));
        return places[path];
    };
    std::stable_sort(problems.begin(), problems.end(),
                     [&](const Problem& left, const Problem& right) {
                         return place(left.path) < place(right.path);
                     });
}

void add_unsaid(std::vector<Problem>& problems, std::vector<Problem> more) {
    const auto said = static_cast<std::ptrdiff_t>(problems.size());
    for (Problem& problem : more)
        if (std::none_of(problems.begin(), problems.begin() + said, [&](const Problem& earlier) {
                return is_at_or_below(problem.path, earlier.path);
            }))
            problems.push_back(std::move(problem));
}

}  // namespace consultd::config
