// LetterIndex: numbers by a few letters that a word begins or ends with. Most words of a text have
// no such letters, so that asking for them is to cost next to nothing.
#pragma once

#include <bitset>
#include <cassert>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace consultd {

class LetterIndex {
public:
    static constexpr std::size_t letters_max = 4;

    void add(std::string_view letters, std::uint32_t number) {
        const std::uint32_t key = key_of(letters);
        seen_.set(place_of(key));
        numbers_[key].push_back(number);
    }
    // Null: none.
    const std::vector<std::uint32_t>* find(std::string_view letters) const {
        const std::uint32_t key = key_of(letters);
        if (!seen_.test(place_of(key))) return nullptr;
        const auto found = numbers_.find(key);
        return found == numbers_.end() ? nullptr : &found->second;
    }

private:
    static constexpr std::size_t places = std::size_t{1} << 16;
    static std::uint32_t key_of(std::string_view letters) {
        assert(letters.size() <= letters_max);
        std::uint32_t key = 0;
        for (const char letter : letters) key = key << 8 | static_cast<unsigned char>(letter);
        return key;
    }
    static std::size_t place_of(std::uint32_t key) { return (key * 0x9e3779b1U) >> 16; }

    std::bitset<places> seen_;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> numbers_;
};

}  // namespace consultd
