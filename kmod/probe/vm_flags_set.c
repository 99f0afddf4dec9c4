// SPDX-License-Identifier: GPL-2.0-only
/* vm_flags_set() exists; vma->vm_flags is not to be written (Linux 6.3). */
#include <linux/mm.h>

void probe(struct vm_area_struct *vma);

void probe(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_IO);
}
