// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// fuzz_smoke FORMAT [SECONDS] [FIRST]: reads mutated seeds for a while. On a crash the number on the last
// line printed names the input: `fuzz_smoke FORMAT 0 NUMBER` reads that one alone and writes it to
// fuzz-NUMBER.bin.
#include "fuzzcase.h"
#include "mutator.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <unistd.h>

using namespace tailscope;

namespace {

constexpr int kSkipped = 77; // ctest's SKIP_RETURN_CODE
constexpr unsigned kMaxSecondsPerInput = 20;
std::uint64_t g_current = 0;

void tellCurrent(int signal)
{
    char text[96];
    const int length = std::snprintf(text, sizeof text, "\nfuzz_smoke: signal %d at input %llu\n", signal,
        static_cast<unsigned long long>(g_current));
    if (length > 0 && ::write(STDERR_FILENO, text, static_cast<std::size_t>(length)) < 0)
        std::_Exit(1);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

std::vector<std::string> seedsOf(const std::string &format)
{
    std::vector<std::filesystem::path> paths;
    std::error_code error;
    for (const auto &entry :
        std::filesystem::directory_iterator(std::string(TS_SEEDS_DIR) + '/' + format, error))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> seeds;
    for (const auto &path : paths) {
        std::ifstream file(path, std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return seeds;
}

} // namespace

int main(int argc, char **argv)
{
    const std::string format = argc > 1 ? argv[1] : "";
    const import::Importer *importer = import::importerById(format);
    if (importer == nullptr) {
        std::printf("no importer %s: skipped\n", format.c_str());
        return kSkipped;
    }
    const std::vector<std::string> seeds = seedsOf(format);
    if (seeds.empty()) {
        std::fprintf(stderr, "no seeds in %s/%s\n", TS_SEEDS_DIR, format.c_str());
        return 1;
    }
    const double seconds = argc > 2 ? std::atof(argv[2]) : 5;
    const std::uint64_t first = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
    // Sanitizers have their own handlers and print more.
    for (const int signal : {SIGABRT, SIGALRM})
        std::signal(signal, tellCurrent);

    for (const std::string &seed : seeds)
        fuzzing::readHostile(*importer, seed);
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t count = 0;
    for (g_current = first;; ++g_current) {
        const std::string text = fuzzing::Mutator(g_current).mutate(seeds);
        if (seconds == 0) {
            std::ofstream file("fuzz-" + std::to_string(g_current) + ".bin", std::ios::binary);
            file.write(text.data(), static_cast<std::streamsize>(text.size()));
        }
        ::alarm(kMaxSecondsPerInput);
        fuzzing::readHostile(*importer, text);
        ::alarm(0);
        ++count;
        if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() >= seconds)
            break;
    }
    std::printf("%s: %llu inputs\n", format.c_str(), static_cast<unsigned long long>(count));
    return 0;
}
