// Doors: how many visitors may wait for hospitals at once. Each of them keeps a worker of the HTTP
// server for as long as the hospital takes; most of the workers stay free for everybody else, and
// no one hospital has all of those that wait. Nobody queues here: who finds it full is told so.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace consultd::portal {

class Doors {
public:
    // Of the eight workers that serve everybody (web/server).
    static constexpr std::size_t all_max = 4, of_source_max = 2;

    // Held while somebody waits; gives the place back.
    class Pass {
    public:
        Pass(Doors& doors, std::string source) : doors_(&doors), source_(std::move(source)) {}
        Pass(Pass&& other) noexcept
            : doors_(std::exchange(other.doors_, nullptr)), source_(std::move(other.source_)) {}
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        Pass& operator=(Pass&&) = delete;
        ~Pass() {
            if (doors_ != nullptr) doors_->leave(source_);
        }

    private:
        Doors* doors_;
        std::string source_;
    };

    // Absent: too many wait already, of all or of this hospital.
    std::optional<Pass> enter(const std::string& source);

private:
    void leave(const std::string& source);

    std::mutex mutex_;
    std::size_t waiting_ = 0;
    std::map<std::string, std::size_t> of_source_;
};

}  // namespace consultd::portal
