// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>
#include <QStringList>
#include <QVector>

namespace tailscope::items {

/// A demo bundled with the program (resources/samples/index.json).
struct Sample
{
    QString id, title, story, firstView;
    QStringList files; ///< resource paths below :/samples
    QString help; ///< Markdown
};
const QVector<Sample> &samples();
const Sample *sampleById(const QString &id);
/// Copies the files of the sample to the cache folder, where importers can read them; returns their paths.
Result<QStringList> extractSample(const Sample &sample);

} // namespace tailscope::items
