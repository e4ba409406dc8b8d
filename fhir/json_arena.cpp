#include "fhir/json_arena.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace consultd::fhir {

static_assert(sizeof(JsonView) == 16);
static_assert(sizeof(JsonMember) == 2 * sizeof(JsonView));

// A long chain of arenas that keep each other must not end in as deep a chain of destructors.
JsonArena::~JsonArena() {
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

void* JsonArena::allocate(std::size_t bytes) {
    bytes = (bytes + 7) & ~std::size_t{7};
    if (bytes > left_) {
        const std::size_t size = std::max(bytes, next_chunk_);
        chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
        free_ = chunks_.back().get();
        left_ = size;
        next_chunk_ = std::clamp(next_chunk_ * 2, chunk_bytes_min, std::size_t{1} << 20);
    }
    void* result = free_;
    free_ += bytes;
    left_ -= bytes;
    return result;
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
    auto* copy = static_cast<char*>(allocate(source.size()));
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

JsonView JsonArena::object(const JsonView* members, std::size_t count) {
    JsonView view;
    view.kind_ = JsonView::Kind::Object;
    view.data_.members = nullptr;
    view.size_ = static_cast<std::uint32_t>(count);
    if (count == 0) return view;
    const bool indexed = count > json_index_from;
    const std::size_t bytes =
        count * sizeof(JsonMember) + (indexed ? count * sizeof(std::uint32_t) : 0);
    auto* copy = static_cast<JsonMember*>(allocate(bytes));
    for (std::size_t i = 0; i < count; ++i)
        new (copy + i) JsonMember{members[2 * i], members[2 * i + 1]};
    view.data_.members = copy;
    if (indexed) {
        auto* index = reinterpret_cast<std::uint32_t*>(copy + count);
        std::iota(index, index + count, 0U);
        std::sort(index, index + count, [copy](std::uint32_t left, std::uint32_t right) {
            return copy[left].name() < copy[right].name();
        });
        view.indexed_ = true;
    }
    return view;
}

const std::uint32_t* JsonArena::index_of(const JsonView& object) {
    return object.indexed_
               ? reinterpret_cast<const std::uint32_t*>(object.data_.members + object.size_)
               : nullptr;
}

}  // namespace consultd::fhir
