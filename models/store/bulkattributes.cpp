// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkattributes.h"

#include "base/text.h"
#include "store/jsoncheck.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace tailscope::store {

namespace {

constexpr std::uint32_t kWindow = 4096;
constexpr std::uint32_t kTooManyNew = kWindow / 4;

} // namespace

AttributeSplitter::KeyState *AttributeSplitter::stateOf(std::uint32_t key)
{
    if (key < m_indexByKey.size() && m_indexByKey[key] != 0)
        return &m_states[m_indexByKey[key] - 1u];
    if (m_states.size() >= kMaxKeys)
        return nullptr;
    if (key >= m_indexByKey.size())
        m_indexByKey.resize(std::max<std::size_t>(key + 1, m_indexByKey.size() * 2));
    m_states.emplace_back();
    m_indexByKey[key] = static_cast<std::uint16_t>(m_states.size());
    return &m_states.back();
}

bool AttributeSplitter::sharesValue(std::uint32_t key, const Attribute &attribute, std::uint64_t valueHash)
{
    if (key == 0 || attribute.text.size() > kLongValue)
        return false;
    KeyState *state = stateOf(key);
    if (!state || state->many)
        return false;
    if (state->last == valueHash)
        return true;
    note(*state, valueHash);
    return !state->many;
}

void AttributeSplitter::note(KeyState &state, std::uint64_t hash)
{
    state.last = hash;
    hash = std::max<std::uint64_t>(hash, 1);
    if (state.seen.empty())
        state.seen.resize(16);
    std::size_t mask = state.seen.size() - 1;
    std::size_t i = hash & mask;
    for (; state.seen[i] != 0; i = (i + 1) & mask) {
        if (state.seen[i] == hash)
            return;
    }
    state.seen[i] = hash;
    if (++state.distinct > kManyValues) {
        moveToJson(state);
        return;
    }
    if (state.distinct * 2 < state.seen.size())
        return;
    std::vector<std::uint64_t> bigger(state.seen.size() * 2);
    mask = bigger.size() - 1;
    for (const std::uint64_t value : state.seen) {
        if (value == 0)
            continue;
        std::size_t place = value & mask;
        while (bigger[place] != 0)
            place = (place + 1) & mask;
        bigger[place] = value;
    }
    state.seen = std::move(bigger);
}

void AttributeSplitter::moveToJson(KeyState &state)
{
    state.many = true;
    state.seen = {};
}

void AttributeSplitter::setLookedUp(bool created)
{
    m_created += created ? 1 : 0;
    if (++m_lookups < kWindow)
        return;
    if (m_created > kTooManyNew) {
        const auto most
            = std::max_element(m_states.begin(), m_states.end(), [](const auto &a, const auto &b) {
                  return (a.many ? 0 : a.distinct) < (b.many ? 0 : b.distinct);
              });
        if (most != m_states.end() && !most->many && most->distinct > 1)
            moveToJson(*most);
    }
    m_lookups = 0;
    m_created = 0;
}

std::uint64_t attributeValueHash(const Attribute &attribute)
{
    const auto type = static_cast<std::uint64_t>(attribute.type);
    switch (attribute.type) {
    case AttributeType::Null:
        return combineHash(type, 1);
    case AttributeType::Text:
    case AttributeType::Json:
        return contentHash(attribute.text, kProcessSeed + type);
    case AttributeType::Integer:
    case AttributeType::Boolean:
        return combineHash(static_cast<std::uint64_t>(attribute.integer), type + 3);
    case AttributeType::Real:
        return combineHash(std::bit_cast<std::uint64_t>(attribute.real), type + 4);
    }
    return 0;
}

void appendJsonMember(std::string &out, const Attribute &attribute)
{
    appendJsonQuoted(out, attribute.key);
    out += ':';
    char digits[32];
    switch (attribute.type) {
    case AttributeType::Null:
        out += "null";
        return;
    case AttributeType::Text:
        appendJsonQuoted(out, attribute.text);
        return;
    case AttributeType::Json:
        // Text that is no JSON would make the whole object unreadable.
        if (isValidJson(attribute.text))
            out += attribute.text;
        else
            appendJsonQuoted(out, attribute.text);
        return;
    case AttributeType::Boolean:
        out += attribute.integer != 0 ? "true" : "false";
        return;
    case AttributeType::Integer:
        out.append(digits, std::to_chars(digits, digits + sizeof digits, attribute.integer).ptr);
        return;
    case AttributeType::Real:
        if (!std::isfinite(attribute.real)) {
            appendJsonQuoted(out,
                std::isnan(attribute.real) ? "NaN"
                    : attribute.real > 0   ? "Infinity"
                                           : "-Infinity");
            return;
        }
        out.append(digits, std::to_chars(digits, digits + sizeof digits, attribute.real).ptr);
        return;
    }
}

void appendJsonObject(std::string &out, AttributeList attributes)
{
    char separator = '{';
    for (const Attribute &attribute : attributes) {
        out += separator;
        appendJsonMember(out, attribute);
        separator = ',';
    }
    out += attributes.empty() ? "{}" : "}";
}

} // namespace tailscope::store
