// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <cstdint>
#include <vector>

class QHBoxLayout;

namespace tailscope::widgets {

/// The path from everything down to the zoomed frame; each step is a button that zooms back to it. When the
/// steps do not fit, the middle of the path becomes an ellipsis.
class FlameBreadcrumb : public QWidget
{
    Q_OBJECT
public:
    struct Step
    {
        std::uint32_t id = 0;
        QString name;
    };
    explicit FlameBreadcrumb(QWidget *parent = nullptr);
    void setPath(std::vector<Step> path);
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void stepClicked(quint32 id);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void rebuild();
    void addButton(const Step &step, int width);

    QHBoxLayout *m_layout;
    std::vector<Step> m_path;
    int m_builtWidth = -1;
};

} // namespace tailscope::widgets
