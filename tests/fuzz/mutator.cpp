// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "mutator.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tailscope::fuzzing {

namespace {

/// Pieces that parsers stumble over.
constexpr std::array<std::string_view, 40> kPieces{
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ",",
    ":",
    ";",
    "\n",
    "\r\n",
    "\t",
    " ",
    "(",
    ")",
    "->",
    "NaN",
    "null",
    "true",
    "-0",
    "1e999",
    "-1e999",
    "1e-999",
    "99999999999999999999",
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551616",
    "0.0000000000000000001",
    "\\ud800",
    "\\u0000",
    "\xFF",
    "\xC3",
    "\xEF\xBB\xBF",
    "\xED\xA0\x80",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":",
    "]]]]]]]]",
    "}}}}}}}}",
    "#",
    "=",
};

} // namespace

std::uint64_t Mutator::next()
{
    m_state ^= m_state << 13;
    m_state ^= m_state >> 7;
    m_state ^= m_state << 17;
    return m_state;
}

void Mutator::changeOnce(std::string &text, const std::vector<std::string> &seeds)
{
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(text.size() - at, 1 + below(64)) + 1);
    switch (below(10)) {
    case 0: // flip a bit
        if (at < text.size())
            text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
    case 1: // any byte
        if (at < text.size())
            text[at] = static_cast<char>(below(256));
        break;
    case 2:
        text.erase(at, length);
        break;
    case 3:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
    case 4:
        text.replace(at, length, kPieces[below(kPieces.size())]);
        break;
    case 5: // repeat a piece
        text.insert(at, std::string(text, at, length));
        break;
    case 6: // a piece of another seed
    {
        const std::string &other = seeds[below(seeds.size())];
        const std::size_t from = below(other.size() + 1);
        text.insert(at, other, from, below(256));
        break;
    }
    case 7: // cut off
        text.resize(at);
        break;
    case 8: // a digit
        if (const std::size_t digit = text.find_first_of("0123456789", at); digit != std::string::npos)
            text[digit] = static_cast<char>('0' + below(10));
        break;
    default: // many of one piece
    {
        const std::string_view piece = kPieces[below(kPieces.size())];
        std::string run;
        for (std::size_t n = below(200); n > 0; --n)
            run += piece;
        text.insert(at, run);
    }
    }
}

std::string Mutator::mutate(const std::vector<std::string> &seeds)
{
    std::string text = seeds[below(seeds.size())];
    for (std::size_t changes = 1 + below(8); changes > 0; --changes)
        changeOnce(text, seeds);
    if (text.size() > kMaxBytes)
        text.resize(kMaxBytes);
    return text;
}

} // namespace tailscope::fuzzing
