// Json as a value: lookup, comparison, building and changing. Parsing and printing are in json.cpp.
#include <algorithm>
#include <charconv>

#include "fhir/json.h"
#include "fhir/json_arena.h"

namespace consultd::fhir {
namespace {

using Kind = JsonView::Kind;

Json make_text(Kind kind, std::string_view text) {
    auto arena = JsonArena::for_new_values();
    const JsonView view = arena->copy_text(kind, text);
    return JsonArena::own(view, std::move(arena));
}

}  // namespace

std::optional<std::int64_t> JsonView::integer() const {
    const std::string_view text = number();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

const JsonMember* JsonView::find(std::string_view name, std::uint16_t tag) const {
    const auto all = members();
    if (const std::uint32_t* index = JsonArena::index_of(*this)) {
        const std::uint32_t* end = index + all.size();
        const std::uint32_t* found = std::lower_bound(
            index, end, name, [&](std::uint32_t position, std::string_view wanted) {
                return all[position].name() < wanted;
            });
        return found != end && all[*found].name() == name ? &all[*found] : nullptr;
    }
    for (const JsonMember& member : all)
        if (member.tag() == tag && member.name() == name) return &member;
    return nullptr;
}

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
                                   const JsonMember* other = right.find(member.name());
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

JsonObjectBuilder::JsonObjectBuilder() : arena_(JsonArena::for_new_values()) {}

JsonObjectBuilder::JsonObjectBuilder(const Json& from) : JsonObjectBuilder() {
    assert(from.is_object());
    keep(from);
    members_.reserve(from.size() + 1);
    members_.assign(from.members().begin(), from.members().end());
}

void JsonObjectBuilder::add(std::string_view name, const Json& value) {
    if (value.is_null()) return;
    members_.push_back(JsonArena::member(arena_->copy_name(name), JsonView::tag_of(name), value));
    keep(value);
}

void JsonObjectBuilder::add(const JsonMember& named, const Json& value) {
    if (value.is_null()) return;
    members_.push_back(JsonArena::member(named.name_text, named.tag(), value));
    keep(value);
}

void JsonObjectBuilder::set(std::string_view name, const Json& value) {
    const auto found =
        std::find_if(members_.begin(), members_.end(), [&](const JsonMember& member) {
            return member.tag() == JsonView::tag_of(name) && member.name() == name;
        });
    if (found == members_.end()) return add(name, value);
    if (value.is_null()) {
        members_.erase(found);
        return;
    }
    *found = JsonArena::member(found->name_text, found->tag(), value);
    keep(value);
}

void JsonObjectBuilder::keep(const Json& whole) { arena_->keep(JsonArena::owner(whole)); }

Json JsonObjectBuilder::build() {
    const JsonView object = arena_->object(members_.data(), members_.size());
    return JsonArena::own(object, std::move(arena_));
}

Json Json::object(Members members) {
    JsonObjectBuilder builder;
    for (const auto& [name, value] : members) builder.add(name, value);
    return builder.build();
}

Json Json::object(std::vector<std::pair<std::string, Json>> members) {
    JsonObjectBuilder builder;
    for (const auto& [name, value] : members) builder.add(name, value);
    return builder.build();
}

Json Json::array(std::vector<Json> items) {
    auto arena = JsonArena::for_new_values();
    std::vector<JsonView> views(items.begin(), items.end());
    for (const Json& item : items) arena->keep(JsonArena::owner(item));
    const JsonView array = arena->array(views.data(), views.size());
    return JsonArena::own(array, std::move(arena));
}

Json Json::with(std::string_view name, const Json& value) const {
    if (value.is_null()) return without(name);
    JsonObjectBuilder builder(*this);
    builder.set(name, value);
    return builder.build();
}

Json Json::without(std::string_view name) const {
    assert(is_object());
    if (!has(name)) return *this;
    JsonObjectBuilder builder(*this);
    builder.set(name, {});
    return builder.build();
}

Json Json::appended(const Json& item) const {
    assert(is_array() || is_null());
    auto arena = JsonArena::for_new_values();
    std::vector<JsonView> views(items().begin(), items().end());
    views.push_back(item);
    arena->keep(owner_);
    arena->keep(JsonArena::owner(item));
    const JsonView array = arena->array(views.data(), views.size());
    return JsonArena::own(array, std::move(arena));
}

JsonArena& JsonKeeper::arena() {
    if (!arena_) arena_ = std::make_shared<JsonArena>();
    return *arena_;
}

void JsonKeeper::keep(const Json& value) { arena().keep(JsonArena::owner(value)); }
void JsonKeeper::keep(const JsonKeeper& other) { arena().keep(other.arena_); }

}  // namespace consultd::fhir
