/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "executable.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

static void read_interpreter(Elf *elf, const GElf_Phdr *segment, struct executable *facts)
{
	size_t size;
	const char *file = elf_rawfile(elf, &size);

	if (file && segment->p_offset < size && segment->p_filesz <= size - segment->p_offset &&
	    segment->p_filesz < sizeof facts->interpreter) {
		memcpy(facts->interpreter, file + segment->p_offset, segment->p_filesz);
		facts->interpreter[segment->p_filesz] = '\0';
	}
}

static void read_notes(Elf *elf, const GElf_Phdr *segment, struct executable *facts)
{
	Elf_Data *data =
		elf_getdata_rawchunk(elf, (off_t)segment->p_offset, segment->p_filesz, ELF_T_NHDR);
	static const char go[4] = "Go"; /* .note.go.buildid */
	size_t name, description, at = 0;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name, &description)))
		if (note.n_namesz == sizeof go &&
		    !memcmp((char *)data->d_buf + name, go, sizeof go))
			facts->go = true;
}

static void read_segments(Elf *elf, struct executable *facts)
{
	GElf_Phdr segment;
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return;
	for (size_t i = 0; i < count && i < INT_MAX; i++) {
		if (!gelf_getphdr(elf, (int)i, &segment))
			continue;
		if (segment.p_type == PT_INTERP)
			read_interpreter(elf, &segment, facts);
		else if (segment.p_type == PT_NOTE)
			read_notes(elf, &segment, facts);
	}
}

static void take_import(const char *name, struct executable *facts)
{
	static const char *const calls[] = { "fdopen", "io_submit", "splice", "tee", "vmsplice" };
	size_t used = strlen(facts->calls);

	if (!strncmp(name, "io_uring_", 9))
		facts->io_uring = true;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (!strcmp(name, calls[i]))
			snprintf(facts->calls + used, sizeof facts->calls - used, "%s%s",
				 used ? ", " : "", name);
}

static void read_imports(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			 struct executable *facts)
{
	Elf_Data *data = elf_getdata(section, NULL);
	const char *name;
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (name && symbol.st_shndx == SHN_UNDEF)
			take_import(name, facts);
	}
}

static void read_sections(Elf *elf, struct executable *facts)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNSYM)
			read_imports(elf, section, &header, facts);
}

static int read_elf(Elf *elf, struct executable *facts)
{
	GElf_Ehdr header;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return 1;
	facts->class = gelf_getclass(elf);
	facts->machine = header.e_machine;
	read_segments(elf, facts);
	read_sections(elf, facts);
	return 0;
}

int executable_read(const char *path, struct executable *facts)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result;
	Elf *elf;

	*facts = (struct executable){ 0 };
	if (fd < 0) {
		complain(path, "%s", strerror(errno));
		return -1;
	}
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	result = read_elf(elf, facts);
	elf_end(elf);
	close(fd);
	return result;
}
