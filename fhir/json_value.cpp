// Json as a value: lookup, comparison, building and changing. Parsing and printing are in json.cpp.
#include <algorithm>
#include <charconv>

#include "fhir/json.h"
#include "fhir/json_arena.h"

namespace consultd::fhir {
namespace {

using Kind = JsonView::Kind;

const JsonMember* find_member(const JsonView& object, std::string_view name) {
    const auto members = object.members();
    if (const std::uint32_t* index = JsonArena::index_of(object)) {
        const std::uint32_t* end = index + members.size();
        const std::uint32_t* found = std::lower_bound(
            index, end, name, [&](std::uint32_t position, std::string_view wanted) {
                return members[position].name() < wanted;
            });
        return found != end && members[*found].name() == name ? &members[*found] : nullptr;
    }
    for (const JsonMember& member : members)
        if (member.name() == name) return &member;
    return nullptr;
}

Json make_text(Kind kind, std::string_view text) {
    auto arena = std::make_shared<JsonArena>();
    const JsonView view = arena->copy_text(kind, text);
    return JsonArena::own(view, std::move(arena));
}

// Puts names and values together; the values' own arenas are kept.
class ObjectBuilder {
public:
    void add(std::string_view name, const Json& value) {
        if (value.is_null()) return;
        views_.push_back(arena_->copy_text(Kind::String, name));
        views_.push_back(value);
        arena_->keep(JsonArena::owner(value));
    }
    void share(const JsonMember& member) {
        views_.push_back(member.name_value);
        views_.push_back(member.value);
    }
    void keep(const Json& json) { arena_->keep(JsonArena::owner(json)); }
    Json build() {
        const JsonView object = arena_->object(views_.data(), views_.size() / 2);
        return JsonArena::own(object, std::move(arena_));
    }

private:
    std::shared_ptr<JsonArena> arena_ = std::make_shared<JsonArena>();
    std::vector<JsonView> views_;
};

}  // namespace

std::optional<std::int64_t> JsonView::integer() const {
    const std::string_view text = number();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

JsonView JsonView::operator[](std::string_view name) const {
    const JsonMember* member = find_member(*this, name);
    return member ? member->value : JsonView{};
}

bool JsonView::has(std::string_view name) const { return find_member(*this, name) != nullptr; }

bool same_value(JsonView left, JsonView right) {
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
        case Kind::Number:
            return left.number() == right.number();
        case Kind::String:
            return left.string() == right.string();
        case Kind::Array:
            return std::equal(left.items().begin(), left.items().end(), right.items().begin(),
                              right.items().end(), same_value);
        case Kind::Object:
            return left.size() == right.size() &&
                   std::all_of(left.members().begin(), left.members().end(),
                               [&](const JsonMember& member) {
                                   const JsonMember* other = find_member(right, member.name());
                                   return other && same_value(member.value, other->value);
                               });
        default:
            return true;
    }
}

Json::Json(std::string_view text) : Json(make_text(Kind::String, text)) {}
Json::Json(bool value) : JsonView(JsonArena::boolean(value)) {}
Json::Json(std::int64_t value) : Json(make_text(Kind::Number, std::to_string(value))) {}
Json Json::number(std::string_view text) { return make_text(Kind::Number, text); }

Json Json::object(Members members) {
    ObjectBuilder builder;
    for (const auto& [name, value] : members) builder.add(name, value);
    return builder.build();
}

Json Json::object(std::vector<std::pair<std::string, Json>> members) {
    ObjectBuilder builder;
    for (const auto& [name, value] : members) builder.add(name, value);
    return builder.build();
}

Json Json::array(std::vector<Json> items) {
    auto arena = std::make_shared<JsonArena>();
    std::vector<JsonView> views(items.begin(), items.end());
    for (const Json& item : items) arena->keep(JsonArena::owner(item));
    const JsonView array = arena->array(views.data(), views.size());
    return JsonArena::own(array, std::move(arena));
}

Json Json::with(std::string_view name, const Json& value) const {
    assert(is_object());
    if (value.is_null()) return without(name);
    ObjectBuilder builder;
    builder.keep(*this);
    bool found = false;
    for (const JsonMember& member : members()) {
        if (member.name() == name) {
            builder.add(name, value);
            found = true;
        } else {
            builder.share(member);
        }
    }
    if (!found) builder.add(name, value);
    return builder.build();
}

Json Json::without(std::string_view name) const {
    assert(is_object());
    if (!has(name)) return *this;
    ObjectBuilder builder;
    builder.keep(*this);
    for (const JsonMember& member : members())
        if (member.name() != name) builder.share(member);
    return builder.build();
}

Json Json::appended(const Json& item) const {
    assert(is_array() || is_null());
    auto arena = std::make_shared<JsonArena>();
    std::vector<JsonView> views(items().begin(), items().end());
    views.push_back(item);
    arena->keep(owner_);
    arena->keep(JsonArena::owner(item));
    const JsonView array = arena->array(views.data(), views.size());
    return JsonArena::own(array, std::move(arena));
}

}  // namespace consultd::fhir
