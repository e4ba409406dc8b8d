#include "fhir/json_arena.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace consultd::fhir {

static_assert(sizeof(JsonView) == 16);
static_assert(sizeof(JsonMember) == 24);

namespace {

// The arena of the scope that is open on this thread.
thread_local std::shared_ptr<JsonArena> open_arena;  // NOLINT

}  // namespace

// A long chain of arenas that keep each other must not end in as deep a chain of destructors.
JsonArena::~JsonArena() {
    free_chunks();
    std::vector<std::shared_ptr<const JsonArena>> pending = std::move(kept_);
    while (!pending.empty()) {
        std::shared_ptr<const JsonArena> arena = std::move(pending.back());
        pending.pop_back();
        if (arena.use_count() != 1) continue;
        // Nobody else holds it, so its own list may be taken over before it goes.
        std::vector<std::shared_ptr<const JsonArena>> inner = std::move(arena->kept_);
        arena->kept_.clear();
        std::move(inner.begin(), inner.end(), std::back_inserter(pending));
    }
}

void JsonArena::keep(const std::shared_ptr<const JsonArena>& other) {
    if (!other || other.get() == this) return;
    // The last few are the likely repeats; a repeat further back costs a pointer, no more.
    const std::size_t look = std::min<std::size_t>(kept_.size(), 8);
    if (std::find(kept_.end() - static_cast<std::ptrdiff_t>(look), kept_.end(), other) !=
        kept_.end())
        return;
    kept_.push_back(other);
}

void* JsonArena::allocate(std::size_t bytes, std::size_t alignment) {
    const auto align = [&](char* at) {
        const auto address = reinterpret_cast<std::uintptr_t>(at);
        return (alignment - address % alignment) % alignment;
    };
    std::size_t gap = align(free_);
    if (bytes + gap > left_) {
        const std::size_t size = std::max(bytes, next_chunk_) + sizeof(char*);
        // A chunk for one big value leaves what is free in the last one to the small ones.
        char* chunk = new char[size];  // NOLINT: a list of chunks that goes as a whole
        std::memcpy(chunk, &chunks_, sizeof(char*));
        chunks_ = chunk;
        if (bytes >= chunk_bytes_max) return chunk + sizeof(char*);
        free_ = chunk + sizeof(char*);
        left_ = size - sizeof(char*);
        next_chunk_ = std::clamp(next_chunk_ * 2, chunk_bytes_min, chunk_bytes_max);
        gap = 0;
    }
    char* result = free_ + gap;
    free_ = result + bytes;
    left_ -= bytes + gap;
    return result;
}

void JsonArena::free_chunks() {
    while (chunks_ != nullptr) {
        char* const chunk = chunks_;
        std::memcpy(&chunks_, chunk, sizeof(char*));
        delete[] chunk;  // NOLINT
    }
}

std::shared_ptr<JsonArena> JsonArena::for_new_values() {
    return open_arena ? open_arena : std::make_shared<JsonArena>();
}

JsonScope::JsonScope() : is_outermost_(!open_arena) {
    if (is_outermost_) open_arena = std::make_shared<JsonArena>();
}

JsonScope::~JsonScope() {
    if (is_outermost_) open_arena.reset();
}

JsonMember JsonArena::member(const char* name_text, std::uint16_t tag, JsonView value) {
    value.tag_ = tag;
    return {name_text, value};
}

const char* JsonArena::copy_name(std::string_view name) {
    auto* copy = static_cast<char*>(allocate(name.size() + 2, 1));
    const std::size_t length = std::min(name.size(), json_name_length_max + 1);
    *copy++ = static_cast<char>(static_cast<unsigned char>(length));
    std::memcpy(copy, name.data(), name.size());
    copy[name.size()] = '\0';
    return copy;
}

JsonView JsonArena::text(JsonView::Kind kind, const char* text, std::size_t size) {
    JsonView view;
    view.kind_ = kind;
    view.data_.text = text;
    view.size_ = static_cast<std::uint32_t>(size);
    return view;
}

JsonView JsonArena::boolean(bool value) {
    JsonView view;
    view.kind_ = value ? JsonView::Kind::True : JsonView::Kind::False;
    return view;
}

JsonView JsonArena::copy_text(JsonView::Kind kind, std::string_view source) {
    if (source.empty()) return text(kind, "", 0);
    auto* copy = static_cast<char*>(allocate(source.size(), 1));
    std::memcpy(copy, source.data(), source.size());
    return text(kind, copy, source.size());
}

JsonView JsonArena::array(const JsonView* items, std::size_t count) {
    JsonView view;
    view.kind_ = JsonView::Kind::Array;
    view.data_.items = nullptr;
    view.size_ = static_cast<std::uint32_t>(count);
    if (count == 0) return view;
    auto* copy = static_cast<JsonView*>(allocate(count * sizeof(JsonView)));
    std::uninitialized_copy_n(items, count, copy);
    view.data_.items = copy;
    return view;
}

JsonMember* JsonArena::start_object(JsonView& view, std::size_t count) {
    view.kind_ = JsonView::Kind::Object;
    view.data_.members = nullptr;
    view.size_ = static_cast<std::uint32_t>(count);
    if (count == 0) return nullptr;
    const std::size_t index_bytes = count > json_index_from ? count * sizeof(std::uint32_t) : 0;
    auto* members = static_cast<JsonMember*>(allocate(count * sizeof(JsonMember) + index_bytes));
    view.data_.members = members;
    return members;
}

void JsonArena::index(JsonView& view, JsonMember* members) {
    if (view.size_ <= json_index_from) return;
    auto* index = reinterpret_cast<std::uint32_t*>(members + view.size_);
    std::iota(index, index + view.size_, 0U);
    std::sort(index, index + view.size_, [members](std::uint32_t left, std::uint32_t right) {
        return members[left].name() < members[right].name();
    });
    view.indexed_ = true;
}

JsonView JsonArena::object(const JsonMember* members, std::size_t count) {
    JsonView view;
    JsonMember* const copy = start_object(view, count);
    std::uninitialized_copy_n(members, count, copy);
    index(view, copy);
    return view;
}

JsonView JsonArena::object(const JsonView* names_and_values, std::size_t count) {
    JsonView view;
    JsonMember* const copy = start_object(view, count);
    for (std::size_t i = 0; i < count; ++i) {
        const JsonView& name = names_and_values[2 * i];
        new (copy + i) JsonMember(member(name.data_.text, name.tag_, names_and_values[2 * i + 1]));
    }
    index(view, copy);
    return view;
}

void JsonArena::set_length(char* name_text, std::size_t size) {
    const std::size_t length = std::min(size, json_name_length_max + 1);
    name_text[-1] = static_cast<char>(static_cast<unsigned char>(length));
}

JsonView JsonArena::name(const char* name_text, std::size_t size, std::uint16_t tag) {
    JsonView view = JsonArena::text(JsonView::Kind::String, name_text, size);
    view.tag_ = tag;
    return view;
}

bool JsonArena::is_name(const char* name_text, std::string_view name) {
    return JsonMember{name_text, {}}.name() == name;
}

const std::uint32_t* JsonArena::index_of(const JsonView& object) {
    return object.indexed_
               ? reinterpret_cast<const std::uint32_t*>(object.data_.members + object.size_)
               : nullptr;
}

}  // namespace consultd::fhir
