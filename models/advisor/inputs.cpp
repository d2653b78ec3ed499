// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/inputs.h"

#include "advisor/embeddedinputs.h"
#include "advisor/tomltext.h"

#include <algorithm>

namespace tailscope::advisor {

Result<std::vector<Input>> parseInputs(std::string_view toml)
{
    const std::string file = "inputs.toml";
    const toml::parse_result parsed = toml::parse(toml, file);
    if (!parsed)
        return fail(tomlError(parsed.error(), file, 1));
    std::vector<Input> list;
    for (const auto &[key, node] : parsed.table()) {
        const toml::table *table = node.as_table();
        if (!table)
            return fail(ErrorCode::BadInput, file, "'" + std::string(key.str()) + "' is not a table");
        Input input;
        input.name = key.str();
        std::string present;
        TomlReader reader(*table, file, 1);
        reader.strings("views", input.views);
        reader.strings("families", input.families);
        reader.string("present", present);
        TS_TRY(reader.finish());
        if (input.views.empty() || input.families.empty())
            return fail(ErrorCode::BadInput, file, "'" + input.name + "' names no views or no families");
        if (present.empty()) {
            for (const std::string &view : input.views)
                input.present.push_back("SELECT EXISTS (SELECT 1 FROM " + view + ")");
        } else {
            input.present.push_back(present);
        }
        list.push_back(std::move(input));
    }
    std::sort(list.begin(), list.end(), [](const Input &a, const Input &b) { return a.name < b.name; });
    return list;
}

const std::vector<Input> &inputs()
{
    static const std::vector<Input> list = parseInputs(kInputsToml).value_or(std::vector<Input>());
    return list;
}

const Input *inputByName(std::string_view name)
{
    for (const Input &input : inputs()) {
        if (input.name == name)
            return &input;
    }
    return nullptr;
}

} // namespace tailscope::advisor
