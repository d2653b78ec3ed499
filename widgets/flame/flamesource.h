// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamemodel.h"

#include <QJsonObject>
#include <QWidget>

#include <optional>

class QComboBox;
class QToolButton;

namespace tailscope::widgets {

/// Chooses what a FlameModel shows: all spans or a stored profile, one of its threads, and further profiles
/// of the same unit whose weights are added. Without a choice the first profile is shown where there are no
/// spans.
class FlameSource : public QWidget
{
    Q_OBJECT
public:
    FlameSource(session::Session *session, items::FlameModel *model, QWidget *parent);

    bool isDrawingSpans() const { return !m_model->profile(); }
    QComboBox *box() const { return m_box; }
    void saveState(QJsonObject &state) const;
    void restoreState(const QJsonObject &state);
    /// Chooses a profile as the user would; nothing happens for an unknown one.
    void showProfile(qint64 id);

Q_SIGNALS:
    void changed(); ///< by the user, or because data came or went

private:
    void fill();
    void fillThreads();
    void choose(int index);
    void fillMergeMenu();

    session::Session *m_session;
    items::FlameModel *m_model;
    QComboBox *m_box, *m_thread;
    QToolButton *m_merge;
    std::optional<QString> m_wanted, m_wantedThread; ///< stored state, until the profiles are known
    bool m_isChosen = false; ///< by the user: no automatic choice any more
};

} // namespace tailscope::widgets
